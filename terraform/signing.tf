# What decides is signed: a key for each function that signs, which signs with its own and no other.

locals {
  # Those of shared/risk/reviews/signatures.py; a test holds them equal. Each verifies what the others have signed.
  signers = toset(["command_dispatch", "operator_api", "scheduled_work"])
}

resource "google_kms_key_ring" "signing" {
  name     = "slacker"
  location = var.region

  depends_on = [google_project_service.needed]
}

resource "google_kms_crypto_key" "signing" {
  #checkov:skip=CKV_GCP_43:An asymmetric key does not rotate by itself: docs/threat-model.md says how it is.
  #checkov:skip=CKV_GCP_82:Keys cannot be deleted at all, and a version that is destroyed is kept for 30 days first.
  for_each = local.signers

  name                       = replace(each.value, "_", "-")
  key_ring                   = google_kms_key_ring.signing.id
  purpose                    = "ASYMMETRIC_SIGN"
  labels                     = local.labels
  destroy_scheduled_duration = "2592000s"

  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = var.signing_protection_level
  }
}

resource "google_kms_crypto_key_iam_member" "signer" {
  for_each = local.signers

  crypto_key_id = google_kms_crypto_key.signing[each.value].id
  role          = "roles/cloudkms.signer"
  member        = local.members[each.value]

  depends_on = [google_service_account.this]
}

resource "google_kms_key_ring_iam_member" "verifier" {
  for_each = merge({ for name in local.signers : name => local.members[name] }, local.auditors)

  key_ring_id = google_kms_key_ring.signing.id
  role        = "roles/cloudkms.publicKeyViewer"
  member      = each.value

  depends_on = [google_service_account.this]
}
