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
