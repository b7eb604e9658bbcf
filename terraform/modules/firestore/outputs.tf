output "name" {
  description = "The database's name."
  value       = google_firestore_database.this.name
}

output "expiring" {
  description = "The collections that have a TTL policy."
  value       = sort([for field in google_firestore_field.expires_at : field.collection])
}
