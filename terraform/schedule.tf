# What the clock starts: work that is due, and a question to advice every minute, asked as a bank service would.

resource "google_cloud_scheduler_job" "scheduled_work" {
  name             = "slacker-scheduled-work"
  description      = "Does what is due."
  region           = var.region
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "120s"

  retry_config {
    retry_count          = 3
    min_backoff_duration = "5s"
  }

  http_target {
    http_method = "POST"
    uri         = "${local.urls["scheduled_work"]}/"

    oidc_token {
      service_account_email = local.emails["scheduler"]
      audience              = local.urls["scheduled_work"]
    }
  }

  depends_on = [module.function]
}

# functions/advice/operations/probe.yaml: approved where the risk function could read and count in the store, and nowhere else.
resource "google_cloud_scheduler_job" "probe" {
  name             = "slacker-probe"
  description      = "Asks advice; an alert tells when no decision comes."
  region           = var.region
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "15s"

  http_target {
    http_method = "POST"
    uri         = "${local.urls["advice"]}/v1/operations/probe/advice"
    headers     = { "content-type" = "application/json" }
    body        = base64encode(jsonencode({ operation_id = "probe", context = { client_id = "probe", occurred_at = "2026-01-01T00:00:00Z" } }))

    oidc_token {
      service_account_email = local.emails["probe"]
      audience              = local.urls["advice"]
    }
  }

  depends_on = [module.function]
}
