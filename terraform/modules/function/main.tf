# One function: its code by hash, the function itself, who may call it, and what it may do.

locals {
  service = replace(var.name, "_", "-") # Cloud Run's name for it: no underscores there
  member  = "serviceAccount:${var.account}"
}

resource "google_storage_bucket_object" "code" {
  name   = "functions/${var.name}-${substr(filesha256(var.zip), 0, 16)}.zip" # another content, another object: deployed again
  bucket = var.code_bucket
  source = var.zip
}

resource "google_cloudfunctions2_function" "this" {
  #checkov:skip=CKV_GCP_124:The variable refuses ALLOW_ALL; checkov does not look there.
  name        = local.service
  location    = var.region
  description = var.description
  labels      = var.labels

  build_config {
    runtime         = "python312"
    entry_point     = var.name
    service_account = var.build_account

    source {
      storage_source {
        bucket = var.code_bucket
        object = google_storage_bucket_object.code.name
      }
    }
  }

  service_config {
    service_account_email            = var.account
    available_cpu                    = tostring(var.size.cpu)
    available_memory                 = var.size.memory
    max_instance_request_concurrency = var.size.concurrency
    min_instance_count               = var.size.min_instances
    max_instance_count               = var.size.max_instances
    timeout_seconds                  = var.size.timeout_seconds
    ingress_settings                 = var.ingress
    all_traffic_on_latest_revision   = true
    environment_variables            = var.environment
    vpc_connector                    = var.vpc_connector
    vpc_connector_egress_settings    = var.vpc_connector == null ? null : "PRIVATE_RANGES_ONLY"
  }
}

# Without this nobody may call it: a function is reached by those named here alone.
resource "google_cloud_run_service_iam_member" "invoker" {
  for_each = var.invokers

  service  = google_cloudfunctions2_function.this.name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value
}

resource "google_project_iam_member" "role" {
  for_each = var.project_roles

  project = var.project_id
  role    = each.value
  member  = local.member
}

resource "google_secret_manager_secret_iam_member" "accessor" {
  for_each = var.secrets

  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = local.member
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.publishes

  topic  = each.value
  role   = "roles/pubsub.publisher"
  member = local.member
}
