# What wakes somebody at night. Each alert is one entry of a map, and says which runbook to open.

locals {
  services      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"${join("|", sort(var.services))}\")"
  subscriptions = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"${join("|", [for s in sort(var.subscriptions) : replace(s, ".", "[.]")])}\")"
  latencies     = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"advice\" AND metric.type=\"run.googleapis.com/request_latencies\""

  # `above` per `group_by`, aligned over `period`, for `lasting`.
  alerts = {
    oldest_unacknowledged = {
      title    = "A message waits too long"
      filter   = "${local.subscriptions} AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      aligner  = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = ["resource.label.subscription_id"]
      above    = var.limits.oldest_unacknowledged_seconds, period = "60s", lasting = "300s"
      severity = "ERROR", runbook = "messages-waiting.md"
    }
    event_dead_letters = {
      title    = "Events cannot be processed"
      filter   = "${local.counted}/event_dead_letters\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = []
      above    = 0, period = "300s", lasting = "0s"
      severity = "WARNING", runbook = "events-dead-lettered.md"
    }
    command_dead_letters = {
      title    = "Commands cannot be done"
      filter   = "${local.counted}/command_dead_letters\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = []
      above    = 0, period = "300s", lasting = "0s"
      severity = "ERROR", runbook = "commands-dead-lettered.md"
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
    damaged_documents = {
      title    = "A document cannot be read"
      filter   = "${local.counted}/damaged_documents\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
      above    = 0, period = "300s", lasting = "0s"
      severity = "ERROR", runbook = "damaged-documents.md"
    }
    unsigned_decisions = {
      title    = "A decision is not signed by who may take it"
      filter   = "${local.counted}/unsigned_decisions\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
      above    = 0, period = "300s", lasting = "0s"
      severity = "CRITICAL", runbook = "decision-not-signed.md"
    }
    broken_audit = {
      title    = "The audit is not what was written"
      filter   = "${local.counted}/broken_audit\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = []
      above    = 0, period = "300s", lasting = "0s"
      severity = "CRITICAL", runbook = "audit-broken.md"
    }
    error_lines = {
      title    = "A function logs errors"
      filter   = "${local.counted}/errors\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"]
      above    = var.limits.error_lines_in_5_minutes, period = "300s", lasting = "0s"
      severity = "ERROR", runbook = "errors.md"
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
      filter   = local.latencies
      aligner  = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", group_by = []
      above    = var.limits.advice_p99_ms, period = "60s", lasting = "300s"
      severity = "WARNING", runbook = "advice-slow.md"
    }
  }

  # Silence is the fault: no count, and a count of none, are the same.
  silences = {
    probe = {
      title    = "The probe of advice gets no decision"
      filter   = "${local.counted}/probes\""
      severity = "CRITICAL", runbook = "advice-down.md"
    }
    scheduled_work = {
      title    = "What is due is not done"
      filter   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"scheduled-work\" AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"2xx\""
      severity = "ERROR", runbook = "errors.md"
    }
  }

  # kafka_connect/metrics.yaml makes these of what a worker says, and an agent beside it brings them here. The queries are those of
  # kafka_connect/alerts.yaml, for a bank's own Prometheus; a test holds them equal.
  queries = {
    connect_task_dead = {
      title    = "A task of a Kafka connector is dead"
      query    = "max by (connector) (kafka_connect_failed_tasks) > 0"
      lasting  = "60s"
      severity = "CRITICAL", runbook = "kafka-connect.md"
    }
    connect_not_running = {
      title    = "A Kafka connector does not run"
      query    = "sum by (connector) (kafka_connect_running_tasks) == 0 or absent(kafka_connect_running_tasks)"
      lasting  = "300s"
      severity = "CRITICAL", runbook = "kafka-connect.md"
    }
    connect_dead_letters = {
      title    = "Kafka Connect cannot convert records"
      query    = "sum by (connector) (increase(kafka_connect_dead_letters[10m])) > 0"
      lasting  = "0s"
      severity = "WARNING", runbook = "kafka-connect.md"
    }
  }

  # Entries of a log that say it all, whose text and account are told along.
  entries = {
    foreign_writes = {
      title = "Somebody who is no function wrote to the store"
      # Functions are exempt from this log.
      filter   = "logName=\"projects/${var.project_id}/logs/cloudaudit.googleapis.com%2Fdata_access\" AND protoPayload.serviceName=\"firestore.googleapis.com\" AND protoPayload.methodName=~\"[.](Commit|BatchWrite|Write|CreateDocument|UpdateDocument|DeleteDocument)$\""
      account  = "EXTRACT(protoPayload.authenticationInfo.principalEmail)"
      severity = "CRITICAL", runbook = "audit-broken.md"
    }
  }

  channels = [for channel in google_monitoring_notification_channel.email : channel.id]
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
  notification_channels = local.channels

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
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter                  = each.value.filter
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = "180s"
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

      aggregations {
        alignment_period     = "120s" # both are called every minute
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = "Runbook: ${var.runbooks}/${each.value.runbook}"
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.line]
}

resource "google_monitoring_alert_policy" "entry" {
  for_each = local.entries

  display_name          = "Slacker: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_matched_log {
      filter           = each.value.filter
      label_extractors = { account = each.value.account }
    }
  }

  alert_strategy {
    notification_rate_limit {
      period = "300s"
    }
  }

  documentation {
    content   = "Runbook: ${var.runbooks}/${each.value.runbook}"
    mime_type = "text/markdown"
  }
}

# The metrics are not there before a worker has told them once, so they are not looked for when this is made.
resource "google_monitoring_alert_policy" "query" {
  for_each = local.queries

  display_name          = "Slacker: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = each.value.lasting
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    content   = "Runbook: ${var.runbooks}/${each.value.runbook}"
    mime_type = "text/markdown"
  }
}
