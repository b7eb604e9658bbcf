# How one function reaches another whose ingress is internal: through a network in which run.app is Google's private address.

resource "google_compute_network" "this" {
  #checkov:skip=CKV2_GCP_18:Without a rule nothing comes in, and nothing in it listens.
  name                    = var.name
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "this" {
  name                     = var.name
  network                  = google_compute_network.this.id
  region                   = var.region
  ip_cidr_range            = var.range
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "EXCLUDE_ALL_METADATA"
  }
}

resource "google_vpc_access_connector" "this" {
  name          = var.name
  region        = var.region
  machine_type  = "e2-micro"
  min_instances = 2
  max_instances = var.connector_instances

  subnet {
    name = google_compute_subnetwork.this.name
  }
}

# private.googleapis.com: https://cloud.google.com/vpc/docs/configure-private-google-access
resource "google_dns_managed_zone" "run" {
  name        = "${var.name}-run-app"
  dns_name    = "run.app."
  description = "Functions are reached without leaving the network."
  visibility  = "private"

  private_visibility_config {
    networks {
      network_url = google_compute_network.this.id
    }
  }
}

resource "google_dns_record_set" "private" {
  managed_zone = google_dns_managed_zone.run.name
  name         = "private.run.app."
  type         = "A"
  ttl          = 300
  rrdatas      = ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"]
}

resource "google_dns_record_set" "any" {
  managed_zone = google_dns_managed_zone.run.name
  name         = "*.run.app."
  type         = "CNAME"
  ttl          = 300
  rrdatas      = [google_dns_record_set.private.name]
}
