mock_provider "google" {
  mock_resource "google_logging_project_bucket_config" {
    defaults = { id = "projects/bank-slacker/locations/europe-west3/buckets/slacker-audit" }
  }
}

variables {
  project_id     = "bank-slacker"
  location       = "europe-west3"
  services       = ["operator-api", "scheduled-work"]
  retention_days = 400
  locked         = true
  readers        = { scheduled_work = "serviceAccount:scheduled-work@bank-slacker.iam.gserviceaccount.com" }
}

run "the_audit_is_kept_where_nobody_shortens_it" {
  command = apply

  assert {
    condition     = google_logging_project_bucket_config.this.locked && google_logging_project_bucket_config.this.retention_days == 400
    error_message = "Nobody shortens the retention."
  }

  assert {
    condition     = endswith(google_logging_project_sink.this.filter, "resource.labels.service_name=(\"operator-api\" OR \"scheduled-work\") AND jsonPayload.kind=(\"audit\" OR \"audit_head\")")
    error_message = "Only these services' lines are the audit's: another log could say anything."
  }

  assert {
    condition     = google_logging_project_sink.this.destination == "logging.googleapis.com/projects/bank-slacker/locations/europe-west3/buckets/slacker-audit"
    error_message = "The sink leads to the bucket."
  }

  assert {
    condition     = [for member in google_project_iam_member.reader : member.condition[0].expression] == ["resource.name == \"${output.view}\""]
    error_message = "Who verifies reads this log and no other."
  }

  assert {
    condition     = output.view == "projects/bank-slacker/locations/europe-west3/buckets/slacker-audit/views/_AllLogs"
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
