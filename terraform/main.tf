# Slacker in a project of a bank: what functions stand on. They themselves are in functions.tf, their topics in topics.tf.

locals {
  labels = { application = "slacker", environment = var.environment }

  services = [
    "artifactregistry", "bigquery", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudkms", "cloudresourcemanager", "cloudscheduler",
    "compute", "dns", "fcm", "firestore", "iam", "logging", "monitoring", "pubsub", "run", "secretmanager", "storage", "vpcaccess",
  ]

  # Those of shared/data_model/registry.py; a test holds them equal.
  lasting = toset([
    "audit", "features_clients", "features_devices", "features_merchants", "notification_devices", "notification_preferences",
    "operations", "rule_sets", "switches", "watermarks",
  ])
  expiring = toset([
    "answers", "attempts", "commands", "dead_letter_bodies", "dead_letters", "merchant_events", "notification_history", "reviews",
    "waiting_reversals",
  ])

  secrets = toset(["token-key", "jira-token", "transactions-token", "bank-notifications-token", "contacts-token", "sms-credential", "registry-authorization"])
}

resource "google_project_service" "needed" {
  for_each = toset(local.services)

  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false
}

resource "google_storage_bucket" "code" {
  name                        = "${var.project_id}-slacker-code"
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }

  depends_on = [google_project_service.needed]
}

resource "google_storage_bucket" "archive" {
  #checkov:skip=CKV_GCP_78:A version that stays is a client who was not erased; soft delete keeps what was deleted by mistake.
  name                        = "${var.project_id}-slacker-archive"
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # No retention policy: what it keeps nobody could erase for a client who asks to be forgotten. What is deleted by mistake, or by
  # somebody who should not have, is there for a month more.
  soft_delete_policy {
    retention_duration_seconds = 30 * 24 * 60 * 60
  }

  lifecycle_rule {
    condition {
      age = 31 # a rebuild reads a month
    }

    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
  }

  lifecycle_rule {
    condition {
      age = var.archive_days + 1
    }

    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.needed]
}

resource "google_storage_bucket_iam_member" "archive" {
  for_each = toset(["roles/storage.objectCreator", "roles/storage.legacyBucketReader"])

  bucket = google_storage_bucket.archive.name
  role   = each.value
  member = local.push_agent
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter"])

  project = var.project_id
  role    = each.value
  member  = local.members["build"]

  depends_on = [google_service_account.this]
}

# A zip is copied from our bucket into one of Cloud Functions' own, where the build reads it.
resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.code.name
  role   = "roles/storage.objectViewer"
  member = local.members["build"]

  depends_on = [google_service_account.this]
}

resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = local.members["build"]

  condition {
    title       = "the copies of Cloud Functions alone"
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
    description = "Not the archive, nor any other bucket."
  }

  depends_on = [google_service_account.this]
}

# Their versions are added by people who hold them, never by Terraform: its state would hold them too.
resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  secret_id = each.value
  labels    = local.labels

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.needed]
}

module "firestore" {
  source = "./modules/firestore"

  location  = var.documents_location
  lasting   = local.lasting
  expiring  = local.expiring
  deletable = var.environment == "sandbox"

  depends_on = [google_project_service.needed]
}

module "network" {
  source = "./modules/network"

  name   = "slacker"
  region = var.region

  depends_on = [google_project_service.needed]
}

module "decision_log" {
  source = "./modules/decision_log"

  project_id     = var.project_id
  location       = var.region
  labels         = local.labels
  services       = ["advice", "risk-decision"]
  topic          = module.topic["decisions"].id
  topic_name     = module.topic["decisions"].name
  retention_days = var.retention_days
  locked         = var.lock_retention
  deletable      = var.environment == "sandbox"
  analysts       = var.analysts
}

module "audit_log" {
  source = "./modules/audit_log"

  project_id     = var.project_id
  location       = var.region
  services       = ["operator-api", "scheduled-work"]
  retention_days = var.retention_days
  locked         = var.lock_retention
  readers        = merge({ scheduled_work = local.members["scheduled_work"] }, local.auditors)

  depends_on = [google_service_account.this]
}

module "client_api" {
  source = "./modules/client_api"
  count  = var.client_api == null ? 0 : 1

  name                = "slacker-clients"
  region              = var.region
  host                = var.client_api.host
  service             = module.function["notification_preferences"].service
  requests_per_minute = var.client_api.requests_per_minute
}

module "monitoring" {
  source = "./modules/monitoring"

  project_id     = var.project_id
  project_number = data.google_project.this.number
  services       = [for function in module.function : function.service]
  subscriptions  = flatten([for topic in merge(module.topic, module.dead_letter_topic) : values(topic.subscriptions)])
  emails         = var.alert_emails
  runbooks       = var.runbooks
  limits         = { for what, number in var.limits : what => number if number != null }
  budget         = var.budget

  depends_on = [google_project_service.needed]
}
