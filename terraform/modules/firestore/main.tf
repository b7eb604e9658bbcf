# The document store: one database, point-in-time recovery, daily backups, one index, and documents that expire.

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

locals {
  # A state is read by its key alone: indexed it would cost every write, and be refused above 1,500 bytes. A time that grows with the
  # clock makes a hot index, and nobody asks for a count. So `due_at` is the only index there is.
  exempt = merge([for collection in setunion(var.lasting, var.expiring) : {
    for field in ["state", "count"] : "${collection}.${field}" => { collection = collection, field = field }
  }]...)
}

resource "google_firestore_field" "exempt" {
  for_each = local.exempt

  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

resource "google_firestore_field" "expires_at" {
  for_each = var.expiring

  database   = google_firestore_database.this.name
  collection = each.value
  field      = "expires_at"

  index_config {}

  ttl_config {}
}

# PITR goes back a week; these go back further, and survive the database.
resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.this.name
  retention = "${var.backup_days * 24 * 60 * 60}s"

  daily_recurrence {}
}
