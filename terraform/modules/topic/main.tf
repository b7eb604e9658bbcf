# One topic with everything that hangs on it: pushes to functions, dead letters, the archive.

locals {
  agent = "serviceAccount:service-${var.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic" "this" {
  name                       = var.name
  labels                     = var.labels
  message_retention_duration = var.retention

  message_storage_policy {
    allowed_persistence_regions = var.regions
  }
}

resource "google_pubsub_subscription" "push" {
  for_each = var.subscribers

  name                       = "${var.name}.${each.key}" # the function tells the topic by it
  topic                      = google_pubsub_topic.this.id
  labels                     = var.labels
  ack_deadline_seconds       = var.ack_deadline_seconds
  message_retention_duration = "604800s" # seven days to mend what refuses
  enable_message_ordering    = false     # push would allow one message per key at a time

  push_config {
    push_endpoint = each.value

    oidc_token {
      service_account_email = var.push_account
      audience              = each.value
    }
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "120s"
  }

  dynamic "dead_letter_policy" {
    for_each = var.dead_letters == null ? [] : [var.dead_letters]

    content {
      dead_letter_topic     = dead_letter_policy.value.topic
      max_delivery_attempts = var.max_delivery_attempts
    }
  }

  expiration_policy {
    ttl = "" # never, however quiet it is
  }
}

# Pub/Sub forwards dead letters itself: to publish there, and to acknowledge here.
resource "google_pubsub_subscription_iam_member" "forwarder" {
  for_each = var.dead_letters == null ? {} : google_pubsub_subscription.push

  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = local.agent
}

resource "google_pubsub_subscription" "archive" {
  count = var.archive == null ? 0 : 1

  name                       = "${var.name}.archive"
  topic                      = google_pubsub_topic.this.id
  labels                     = var.labels
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  cloud_storage_config {
    bucket                   = var.archive.bucket
    filename_prefix          = "${var.name}/"
    filename_suffix          = ".avro"
    filename_datetime_format = "YYYY-MM-DD/hh_mm_ssZ"
    max_duration             = "300s"
    max_bytes                = 100000000

    avro_config {
      write_metadata = true # ids, times and attributes: what a rebuild reads
    }
  }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.publishers

  topic  = google_pubsub_topic.this.name
  role   = "roles/pubsub.publisher"
  member = each.value
}
