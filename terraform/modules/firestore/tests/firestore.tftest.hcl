mock_provider "google" {}

variables {
  location = "europe-west3"
  lasting  = ["operations", "rule_sets"]
  expiring = ["answers"]
}

run "documents_can_be_brought_back_and_expire" {
  command = apply

  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED" && google_firestore_database.this.name == "(default)"
    error_message = "Any minute of the last week can be read again."
  }

  assert {
    condition     = google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.this.deletion_policy == "ABANDON"
    error_message = "Nobody deletes the database by a word in a file."
  }

  assert {
    condition     = output.expiring == tolist(["answers"]) && length(google_firestore_field.expires_at["answers"].ttl_config) == 1
    error_message = "What expires does, and nothing else."
  }

  assert {
    condition     = toset(keys(google_firestore_field.exempt)) == toset(["answers.count", "answers.state", "operations.count", "operations.state", "rule_sets.count", "rule_sets.state"])
    error_message = "due_at alone is indexed."
  }

  assert {
    condition     = alltrue([for field in concat(values(google_firestore_field.exempt), values(google_firestore_field.expires_at)) : length(field.index_config) == 1 && length(field.index_config[0].indexes) == 0])
    error_message = "An exemption has no index."
  }

  assert {
    condition     = google_firestore_backup_schedule.daily.retention == "1209600s"
    error_message = "A backup every day, kept for two weeks."
  }
}

run "a_sandbox_is_thrown_away" {
  command = apply

  variables {
    deletable = true
  }

  assert {
    condition     = google_firestore_database.this.deletion_policy == "DELETE" && google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_DISABLED"
    error_message = "With its documents."
  }
}

run "what_is_wrong_is_told_by_its_variable" {
  command = plan

  variables {
    expiring    = ["answers", "operations"]
    backup_days = 99
  }

  expect_failures = [var.expiring, var.backup_days]
}
