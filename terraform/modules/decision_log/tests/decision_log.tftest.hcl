mock_provider "google" {}

variables {
  project_id     = "bank-slacker"
  location       = "europe-west3"
  services       = ["advice", "risk-decision"]
  topic          = "projects/bank-slacker/topics/decisions"
  topic_name     = "decisions"
  retention_days = 400
  locked         = true
  analysts       = { risk = "group:risk-analysts@bank.example" }
}

run "decisions_are_kept_and_seen_without_anybodys_token" {
  command = apply

  assert {
    condition     = google_logging_project_sink.topic.destination == "pubsub.googleapis.com/projects/bank-slacker/topics/decisions" && strcontains(google_logging_project_sink.topic.filter, "jsonPayload.kind=\"answer\"")
    error_message = "Answers go to the topic."
  }

  assert {
    condition = alltrue([
      for sink in [google_logging_project_sink.topic, google_logging_project_sink.kept, google_logging_project_sink.bigquery] :
      strcontains(sink.filter, "resource.labels.service_name=(\"advice\" OR \"risk-decision\")")
    ])
    error_message = "Only these services' lines are decisions: another log could say anything."
  }

  assert {
    condition     = google_logging_project_bucket_config.kept.locked && google_logging_project_bucket_config.kept.retention_days == 400
    error_message = "Nobody shortens the retention."
  }

  assert {
    condition     = google_bigquery_dataset.decisions.default_partition_expiration_ms == 34560000000
    error_message = "BigQuery keeps as long as the bucket."
  }

  assert {
    condition     = !can(regex("client|features|caller|versions", google_bigquery_table.view.view[0].query))
    error_message = "The view has no client's token, and no feature values."
  }

  assert {
    condition     = [for member in google_bigquery_dataset_iam_member.analyst : member.dataset_id] == ["slacker_decision_views"]
    error_message = "Analysts read the views, not the lines."
  }

  assert {
    condition     = google_bigquery_dataset_access.view.view[0].table_id == "decisions" && google_bigquery_table.lines.table_id == "run_googleapis_com_stdout"
    error_message = "The view reads, for those who may not, the table that the sink writes."
  }

  assert {
    condition     = output.view == "bank-slacker.slacker_decision_views.decisions"
    error_message = "The output names the view."
  }
}

run "too_short_is_no_retention" {
  command = plan

  variables {
    retention_days = 29
  }

  expect_failures = [var.retention_days]
}
