# What is promised of advice over four weeks, and who is told when the budget of errors burns fast.

locals {
  objectives = { # the part that must be good, and the runbook for when it is not
    decided = { title = "Questions that the risk function decided", slo = google_monitoring_slo.decided, runbook = "declared-answers.md" }
    in_time = { title = "Answers within the deadline", slo = google_monitoring_slo.in_time, runbook = "advice-slow.md" }
  }
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
      distribution_filter = local.latencies

      range {
        min = 0
        max = var.deadline_ms
      }
    }
  }
}

# 14.4 times too fast: a fiftieth of four weeks' budget is gone in an hour (Google's SRE workbook, chapter 5).
resource "google_monitoring_alert_policy" "burn" {
  for_each = local.objectives

  display_name          = "Slacker: ${each.value.title}: the budget of errors burns"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = "select_slo_burn_rate(\"${each.value.slo.name}\", \"3600s\")"
      comparison      = "COMPARISON_GT"
      threshold_value = 14.4
      duration        = "0s"
    }
  }

  documentation {
    content   = "Runbook: ${var.runbooks}/${each.value.runbook}"
    mime_type = "text/markdown"
  }
}
