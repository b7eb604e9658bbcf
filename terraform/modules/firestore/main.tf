# The document store: one database, point-in-time recovery, one index, and documents that expire.

resource "google_firestore_database" "this" {
  name                              = "(default)"
  location_id                       = var.location
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  app_engine_integration_mode       = "DISABLED"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletable ? "DELETE_PROTECTION_DISABLED" : "DELETE_PROTECTION_ENABLED"
  deletion_policy                   = var.deletable ? "DELETE" : "ABANDON"
}

# A state is read by its key alone: indexed it would cost every write, and be refused above 1,500 bytes.
resource "google_firestore_field" "state" {
  for_each = var.collections

  database   = google_firestore_database.this.name
  collection = each.value
  field      = "state"

  index_config {}
}

resource "google_firestore_field" "expires_at" {
  for_each = var.collections

  database   = google_firestore_database.this.name
  collection = each.value
  field      = "expires_at"

  index_config {} # a time that grows with the clock makes a hot index; nobody asks for it

  ttl_config {}
}

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.this.name
  retention = "${var.backup_days * 24 * 60 * 60}s"

  daily_recurrence {}
}
