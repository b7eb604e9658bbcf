output "service" {
  description = "Its Cloud Run service."
  value       = google_cloudfunctions2_function.this.name
}

output "uri" {
  description = "Its address."
  value       = google_cloudfunctions2_function.this.service_config[0].uri
}

output "object" {
  description = "The name of its code's object, with the hash in it."
  value       = google_storage_bucket_object.code.name
}

output "access" {
  description = "Who may call it, from where, and what it may do: what an auditor asks first."
  value = {
    ingress   = google_cloudfunctions2_function.this.service_config[0].ingress_settings
    invokers  = sort([for binding in google_cloud_run_service_iam_member.invoker : binding.member])
    roles     = sort([for binding in google_project_iam_member.role : binding.role])
    secrets   = sort([for binding in google_secret_manager_secret_iam_member.accessor : binding.secret_id])
    publishes = sort([for binding in google_pubsub_topic_iam_member.publisher : binding.topic])
  }
}

output "size" {
  description = "Its CPUs, concurrency and instances."
  value = {
    cpu           = google_cloudfunctions2_function.this.service_config[0].available_cpu
    concurrency   = google_cloudfunctions2_function.this.service_config[0].max_instance_request_concurrency
    min_instances = google_cloudfunctions2_function.this.service_config[0].min_instance_count
    max_instances = google_cloudfunctions2_function.this.service_config[0].max_instance_count
  }
}

output "environment" {
  description = "What it is told."
  value       = google_cloudfunctions2_function.this.service_config[0].environment_variables
}
