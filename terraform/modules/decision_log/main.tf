# What was decided and why, from the functions' logs: to the topic that features are made of, to a log bucket that nobody
# can shorten, and to BigQuery, where analysts see views without the token of anybody.

locals {
  # Lines of the functions of this deployment alone: anybody else's log could say anything.
  of_ours   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for s in var.services : "\"${s}\""])})"
  decisions = "${local.of_ours} AND jsonPayload.kind=(\"answer\" OR \"decision\")"
  answers   = "${local.of_ours} AND jsonPayload.kind=\"answer\""
}

resource "google_logging_project_sink" "topic" {
  name                   = "slacker-decisions-topic"
  description            = "Answers given, to the topic ${var.topic_name}: attempts become features."
  destination            = "pubsub.googleapis.com/${var.topic}"
  filter                 = local.answers
  unique_writer_identity = true
}

resource "google_pubsub_topic_iam_member" "sink" {
  topic  = var.topic
  role   = "roles/pubsub.publisher"
  member = google_logging_project_sink.topic.writer_identity
}

resource "google_logging_project_bucket_config" "kept" {
  project        = var.project_id
  location       = var.location
  bucket_id      = "slacker-decisions"
  description    = "Every decision, as long as the law wants it; locked, the retention can never be shortened."
  retention_days = var.retention_days
  locked         = var.locked
}

resource "google_logging_project_sink" "kept" {
  name                   = "slacker-decisions-kept"
  description            = "Every decision, to the locked bucket."
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.kept.id}"
  filter                 = local.decisions
  unique_writer_identity = true
}

resource "google_bigquery_dataset" "decisions" {
  dataset_id  = "slacker_decisions"
  description = "The decision log as it was written: tokens of clients, no ids."
  location    = var.location
  labels      = var.labels

  delete_contents_on_destroy      = var.deletable
  default_partition_expiration_ms = var.retention_days * 24 * 60 * 60 * 1000
}

resource "google_logging_project_sink" "bigquery" {
  name                   = "slacker-decisions-bigquery"
  description            = "Every decision, to BigQuery."
  destination            = "bigquery.googleapis.com/${google_bigquery_dataset.decisions.id}"
  filter                 = local.decisions
  unique_writer_identity = true

  bigquery_options {
    use_partitioned_tables = true
  }
}

resource "google_bigquery_dataset_iam_member" "sink" {
  dataset_id = google_bigquery_dataset.decisions.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_logging_project_sink.bigquery.writer_identity
}

# The sink would make its table with the first line; the view names it, so it has to be there before.
resource "google_bigquery_table" "lines" {
  #checkov:skip=CKV_GCP_121:Protected but in a sandbox, which is thrown away; the variable hides it from checkov.
  dataset_id          = google_bigquery_dataset.decisions.dataset_id
  table_id            = "run_googleapis_com_stdout"
  description         = "Written by the log sink, which adds columns as it meets them."
  deletion_protection = !var.deletable
  schema              = file("${path.module}/lines.json")

  time_partitioning {
    type  = "DAY"
    field = "timestamp"
  }

  lifecycle {
    ignore_changes = [schema]
  }
}

resource "google_bigquery_dataset" "views" {
  dataset_id  = "slacker_decision_views"
  description = "What analysts see: decisions without the token of any client."
  location    = var.location
  labels      = var.labels
}

resource "google_bigquery_table" "view" {
  #checkov:skip=CKV_GCP_121:A view holds nothing, and another query is another view.
  dataset_id          = google_bigquery_dataset.views.dataset_id
  table_id            = "decisions"
  description         = "One row per decision: what was advised, why, by which version, how fast. No client, no feature values."
  deletion_protection = false

  view {
    use_legacy_sql = false
    query          = templatefile("${path.module}/view.sql", { lines = "${var.project_id}.${google_bigquery_dataset.decisions.dataset_id}.${google_bigquery_table.lines.table_id}" })
  }
}

# The view may read what those who read it may not.
resource "google_bigquery_dataset_access" "view" {
  dataset_id = google_bigquery_dataset.decisions.dataset_id

  view {
    project_id = var.project_id
    dataset_id = google_bigquery_dataset.views.dataset_id
    table_id   = google_bigquery_table.view.table_id
  }
}

resource "google_bigquery_dataset_iam_member" "analyst" {
  for_each = var.analysts

  dataset_id = google_bigquery_dataset.views.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}
