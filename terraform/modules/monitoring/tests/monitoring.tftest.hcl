mock_provider "google" {}

variables {
  project_id     = "bank-slacker"
  project_number = "123456789012"
  services       = ["advice", "risk-decision", "dead-letters"]
  subscriptions  = ["transactions.risk_features", "commands-dead-letter.dead_letters"]
  emails         = ["on-call@bank.example"]
  runbooks       = "https://git.bank.example/slacker/docs/runbooks"
  limits         = { advice_p99_ms = 150 }
  budget         = { billing_account = "000000-000000-000000", currency = "EUR", units = 2000 }
}

run "somebody_is_told_and_knows_what_to_do" {
  command = apply

  assert {
    condition     = sort(keys(output.runbooks)) == sort(["broken_audit", "command_dead_letters", "connect_dead_letters", "connect_not_running", "connect_task_dead", "damaged_documents", "decided_objective", "declared_answers", "error_lines", "errors", "event_dead_letters", "foreign_writes", "in_time_objective", "latency", "oldest_unacknowledged", "parked_commands", "probe", "scheduled_work", "unrecorded_answers", "unsigned_decisions"])
    error_message = "What is watched."
  }

  assert {
    condition = alltrue([
      for alert in concat(
        values(google_monitoring_alert_policy.threshold), values(google_monitoring_alert_policy.silence),
        values(google_monitoring_alert_policy.query), values(google_monitoring_alert_policy.burn), values(google_monitoring_alert_policy.entry),
      ) : startswith(alert.documentation[0].content, "Runbook: https://git.bank.example/slacker/docs/runbooks/") && length(alert.notification_channels) == 1
    ])
    error_message = "Each alert says which runbook to open, and reaches somebody."
  }

  assert {
    condition     = alltrue([for metric in google_logging_metric.line : strcontains(metric.filter, "resource.labels.service_name=(\"advice\" OR \"dead-letters\" OR \"risk-decision\")")])
    error_message = "Only lines of these services count."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.threshold["oldest_unacknowledged"].conditions[0].condition_threshold[0].filter, "commands-dead-letter[.]dead_letters|transactions[.]risk_features")
    error_message = "Every subscription is watched, dead letters' too."
  }

  assert {
    condition     = google_monitoring_alert_policy.threshold["latency"].conditions[0].condition_threshold[0].threshold_value == 150 && google_monitoring_alert_policy.threshold["oldest_unacknowledged"].conditions[0].condition_threshold[0].threshold_value == 300
    error_message = "A limit is as it is said, and else as it always was."
  }

  assert {
    condition     = alltrue([for alert in google_monitoring_alert_policy.silence : alert.conditions[0].condition_threshold[0].evaluation_missing_data == "EVALUATION_MISSING_DATA_ACTIVE" && alert.conditions[0].condition_threshold[0].comparison == "COMPARISON_LT"])
    error_message = "What tells nothing is a fault."
  }

  assert {
    condition     = google_monitoring_slo.decided.goal == 0.9999 && google_monitoring_slo.in_time.request_based_sli[0].distribution_cut[0].range[0].max == 250
    error_message = "Four nines of questions are decided, and answered in time."
  }

  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == length(google_monitoring_alert_policy.threshold) + 4
    error_message = "Each alert has its graph."
  }

  assert {
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "2000" && google_billing_budget.this[0].budget_filter[0].projects == toset(["projects/123456789012"])
    error_message = "Somebody is told of the cost before the bill."
  }
}

run "an_alert_that_reaches_nobody_is_none" {
  command = plan

  variables {
    emails    = []
    objective = 1
  }

  expect_failures = [var.emails, var.objective]
}
