# Slacker in a project of a bank: what functions stand on. They themselves are in functions.tf, their topics in topics.tf.

locals {
  labels = { application = "slacker", environment = var.environment }

  services = [
    "artifactregistry", "bigquery", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudresourcemanager", "cloudscheduler",
    "compute", "dns", "fcm", "firestore", "iam", "logging", "monitoring", "pubsub", "run", "secretmanager", "storage", "vpcaccess",
  ]

  # docs/data-model.md lists them; a test holds the two equal.
  collections = toset([
    "answers", "attempts", "audit", "commands", "dead_letters", "features_clients", "features_devices", "features_merchants",
    "merchant_events", "notification_devices", "notification_history", "notification_preferences", "operations", "reviews",
    "rule_sets", "switches", "waiting_reversals", "watermarks",
  ])

  secrets = toset(["token-key", "jira-token", "transactions-token", "sms-token", "registry-authorization"])
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
  name                        = "${var.project_id}-slacker-archive"
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  retention_policy {
    is_locked        = var.lock_retention
    retention_period = tostring(var.archive_days * 24 * 60 * 60)
  }

  lifecycle_rule {
    condition {
      age = 30
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
  member  = google_service_account.this["build"].member
}

resource "google_storage_bucket_iam_member" "build" {
  for_each = toset(["roles/storage.objectViewer"])

  bucket = google_storage_bucket.code.name
  role   = each.value
  member = google_service_account.this["build"].member
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

  location    = var.documents_location
  collections = local.collections
  deletable   = var.environment == "sandbox"

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
  analysts       = var.analysts
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
  probe_account  = local.emails["probe"]
  limits         = var.limits
  budget         = var.budget
}
