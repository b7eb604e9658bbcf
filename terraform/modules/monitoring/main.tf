# What wakes somebody at night. Each alert is one entry of a map, and says which runbook to open.

locals {
  ours          = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for s in sort(var.services) : "\"${s}\""])})"
  counted       = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/slacker"
  services      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"${join("|", sort(var.services))}\")"
  subscriptions = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"${join("|", [for s in sort(var.subscriptions) : replace(s, ".", "\\\\.")])}\")"

  # Lines of the log that are counted, by the field `kind` that every line has.
  lines = {
    dead_letters       = { filter = "jsonPayload.kind=\"dead_lettered\"", about = "messages that went to the dead letters" }
    declared_answers   = { filter = "jsonPayload.kind=\"answer\" AND jsonPayload.decided_by=\"declared\"", about = "answers given because the risk function did not decide" }
    unrecorded_answers = { filter = "jsonPayload.kind=\"answer_not_recorded\"", about = "answers given without a record" }
    parked_commands    = { filter = "jsonPayload.kind=\"command\" AND jsonPayload.status=\"parked\"", about = "commands that wait for a downstream" }
    answers            = { filter = "jsonPayload.kind=\"answer\"", about = "all answers" }
    probes             = { filter = "jsonPayload.kind=\"answer\" AND jsonPayload.caller=\"${var.probe_account}\" AND jsonPayload.decided_by=\"risk_function\"", about = "the probe's questions that were decided" }
  }

  # `above` per `group_by`, aligned over `period`, for `lasting`.
  alerts = {
    oldest_unacknowledged = {
      title    = "A message waits too long"
      filter   = "${local.subscriptions} AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      aligner  = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = ["resource.label.subscription_id"]
      above    = var.limits.oldest_unacknowledged_seconds, period = "60s", lasting = "300s"
      severity = "ERROR", runbook = "messages-waiting.md"
    }
    dead_letters = {
      title    = "Messages cannot be processed"
      filter   = "${local.counted}/dead_letters\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
      above    = 0, period = "300s", lasting = "0s"
      severity = "WARNING", runbook = "commands-dead-lettered.md"
    }
    declared_answers = {
      title    = "Declared answers are given"
      filter   = "${local.counted}/declared_answers\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = []
      above    = var.limits.declared_answers_in_5_minutes, period = "300s", lasting = "0s"
      severity = "ERROR", runbook = "declared-answers.md"
    }
    unrecorded_answers = {
      title    = "Answers are given without a record"
      filter   = "${local.counted}/unrecorded_answers\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = []
      above    = 0, period = "300s", lasting = "0s"
      severity = "ERROR", runbook = "answers-not-recorded.md"
    }
    parked_commands = {
      title    = "Commands wait for a downstream"
      filter   = "${local.counted}/parked_commands\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = []
      above    = var.limits.parked_in_15_minutes, period = "900s", lasting = "0s"
      severity = "WARNING", runbook = "jira-down.md"
    }
    errors = {
      title    = "A function answers with errors"
      filter   = "${local.services} AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\""
      aligner  = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
      above    = var.limits.errors_per_second, period = "60s", lasting = "300s"
      severity = "ERROR", runbook = "errors.md"
    }
    latency = {
      title    = "Advice comes too near to its deadline"
      filter   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"advice\" AND metric.type=\"run.googleapis.com/request_latencies\""
      aligner  = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", group_by = []
      above    = var.limits.advice_p99_ms, period = "60s", lasting = "300s"
      severity = "WARNING", runbook = "advice-slow.md"
    }
  }

  # What must be there: silence is the fault.
  silences = {
    probe = {
      title    = "The probe of advice gets no decision"
      filter   = "${local.counted}/probes\""
      lasting  = "300s"
      severity = "CRITICAL", runbook = "advice-down.md"
    }
    connector_tasks = {
      title    = "No task of a Kafka connector runs"
      filter   = "resource.type=\"generic_task\" AND metric.type=\"custom.googleapis.com/kafka_connect/running_tasks\" AND metric.labels.connector!=\"\""
      lasting  = "300s"
      severity = "CRITICAL", runbook = "kafka-connect.md"
    }
  }
}

resource "google_logging_metric" "line" {
  for_each = local.lines

  name        = "slacker/${each.key}"
  description = each.value.about
  filter      = "${local.ours} AND ${each.value.filter}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.emails

  display_name = "Slacker: ${each.value}"
  type         = "email"

  labels = {
    email_address = each.value
  }
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.alerts

  display_name          = "Slacker: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = each.value.lasting

      aggregations {
        alignment_period     = each.value.period
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
        group_by_fields      = each.value.group_by
      }
    }
  }

  documentation {
    content   = "Runbook: ${var.runbooks}/${each.value.runbook}"
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.line]
}

resource "google_monitoring_alert_policy" "silence" {
  for_each = local.silences

  display_name          = "Slacker: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = each.value.title

    condition_absent {
      filter   = each.value.filter
      duration = each.value.lasting

      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  documentation {
    content   = "Runbook: ${var.runbooks}/${each.value.runbook}"
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.line]
}

resource "google_monitoring_custom_service" "advice" {
  service_id   = "slacker-advice"
  display_name = "Slacker: advice"
}

# Good: a question was decided, not answered by declaration. The caller always gets an answer; this is how often it is a good one.
resource "google_monitoring_slo" "decided" {
  service             = google_monitoring_custom_service.advice.service_id
  slo_id              = "decided"
  display_name        = "Questions that the risk function decided"
  goal                = var.objective
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      bad_service_filter   = "${local.counted}/declared_answers\""
      total_service_filter = "${local.counted}/answers\""
    }
  }

  depends_on = [google_logging_metric.line]
}

resource "google_monitoring_slo" "in_time" {
  service             = google_monitoring_custom_service.advice.service_id
  slo_id              = "in-time"
  display_name        = "Answers within the deadline"
  goal                = var.objective
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"advice\" AND metric.type=\"run.googleapis.com/request_latencies\""

      range {
        max = var.deadline_ms
      }
    }
  }
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = "Slacker"
    mosaicLayout = {
      columns = 12
      tiles = [
        for number, alert in values(local.alerts) : {
          xPos   = (number % 2) * 6
          yPos   = floor(number / 2) * 4
          width  = 6
          height = 4
          widget = {
            title = alert.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = alert.filter
                    aggregation = {
                      alignmentPeriod    = alert.period
                      perSeriesAligner   = alert.aligner
                      crossSeriesReducer = alert.reducer
                      groupByFields      = alert.group_by
                    }
                  }
                }
              }]
              thresholds = [{ value = alert.above }]
            }
          }
        }
      ]
    }
  })
}

resource "google_billing_budget" "this" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = "Slacker: ${var.project_id}"

  budget_filter {
    projects = ["projects/${var.project_number}"]
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(var.budget.units)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]

    content {
      threshold_percent = threshold_rules.value
    }
  }

  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]
  }
}
