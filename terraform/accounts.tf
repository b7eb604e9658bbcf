# The accounts: one per function, and those of what calls functions. They are made before all else, and named by what is known
# before they are, so that a plan shows who may do what.

locals {
  own_accounts = {
    push      = "Pub/Sub: whose token a push shows to a function"
    scheduler = "Cloud Scheduler: calls scheduled_work, and nothing else"
    probe     = "asks advice a question every minute"
    build     = "Cloud Build: builds functions, runs none"
  }

  account_ids = merge(
    { for name in keys(local.own_accounts) : name => "slacker-${name}" },
    { for name in keys(local.functions_named) : name => replace(name, "_", "-") },
  )

  emails  = { for name, id in local.account_ids : name => "${id}@${var.project_id}.iam.gserviceaccount.com" }
  members = { for name, email in local.emails : name => "serviceAccount:${email}" }

  function_members = sort([for name in keys(local.functions_named) : local.members[name]])
}

resource "google_service_account" "this" {
  for_each = local.account_ids

  account_id   = each.value
  display_name = "Slacker: ${each.key}"
  description  = lookup(local.own_accounts, each.key, "runs the function ${each.key}, and nothing else")

  depends_on = [google_project_service.needed]
}

resource "google_service_account_iam_member" "push_token" {
  service_account_id = google_service_account.this["push"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.push_agent
}

# Who read or wrote what, and is no function: people with a console, and whoever has stolen something; of Cloud KMS each signature.
# Functions' own calls are thousands a second, and what they do for whom is in their logs and in the audit. Nobody else has to write
# to the store: an alert tells of whoever does.
resource "google_project_iam_audit_config" "reads" {
  for_each = toset(["firestore", "secretmanager", "cloudkms", "storage", "bigquery"])

  project = var.project_id
  service = "${each.value}.googleapis.com"

  audit_log_config {
    log_type         = "DATA_READ"
    exempted_members = each.value == "firestore" ? local.function_members : []
  }

  dynamic "audit_log_config" {
    for_each = each.value == "firestore" ? ["DATA_WRITE"] : []

    content {
      log_type         = audit_log_config.value
      exempted_members = local.function_members
    }
  }

  depends_on = [google_service_account.this]
}
