# One page: what is asked and how fast, then each alert's own graph with its limit.

locals {
  shown = [
    {
      title   = "Answers a second", filter = "${local.counted}/answers\"", above = null, period = "60s"
      aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = []
    },
    {
      title   = "Requests a second, by function", filter = "${local.services} AND metric.type=\"run.googleapis.com/request_count\"", above = null, period = "60s"
      aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
    },
    {
      title   = "Instances, by function", filter = "${local.services} AND metric.type=\"run.googleapis.com/container/instance_count\"", above = null, period = "60s"
      aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
    },
    {
      title   = "Half of the answers come within (ms)", filter = local.latencies, above = null, period = "60s"
      aligner = "ALIGN_PERCENTILE_50", reducer = "REDUCE_MAX", group_by = []
    },
  ]

  tiles = concat(local.shown, [for alert in values(local.alerts) : {
    title   = alert.title, filter = alert.filter, above = alert.above, period = alert.period
    aligner = alert.aligner, reducer = alert.reducer, group_by = alert.group_by
  }])
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = "Slacker"
    mosaicLayout = {
      columns = 12
      tiles = [
        for number, tile in local.tiles : {
          xPos   = (number % 2) * 6
          yPos   = floor(number / 2) * 4
          width  = 6
          height = 4
          widget = {
            title = tile.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = tile.filter
                    aggregation = {
                      alignmentPeriod    = tile.period
                      perSeriesAligner   = tile.aligner
                      crossSeriesReducer = tile.reducer
                      groupByFields      = tile.group_by
                    }
                  }
                }
              }]
              thresholds = tile.above == null ? [] : [{ value = tile.above }]
            }
          }
        }
      ]
    }
  })
}
