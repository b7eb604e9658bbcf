# The audit as it was logged when it was written, where nobody who can write to the store can change it: what the audit in the store
# is held against.

locals {
  # Lines of the functions that act on record alone: anybody else's log could say anything.
  lines = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for s in sort(var.services) : "\"${s}\""])}) AND jsonPayload.kind=(\"audit\" OR \"audit_head\")"

  view = "${google_logging_project_bucket_config.this.id}/views/_AllLogs"
}

resource "google_logging_project_bucket_config" "this" {
  project        = var.project_id
  location       = var.location
  bucket_id      = "slacker-audit"
  description    = "Every entry of the audit and its signed heads; locked, the retention can never be shortened."
  retention_days = var.retention_days
  locked         = var.locked
}

resource "google_logging_project_sink" "this" {
  name                   = "slacker-audit"
  description            = "Every entry of the audit, to the locked bucket."
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.this.id}"
  filter                 = local.lines
  unique_writer_identity = true
}

resource "google_project_iam_member" "reader" {
  for_each = var.readers

  project = var.project_id
  role    = "roles/logging.viewAccessor"
  member  = each.value

  condition {
    title       = "the audit's log alone"
    expression  = "resource.name == \"${local.view}\""
    description = "Not the decisions, nor any other log."
  }
}
