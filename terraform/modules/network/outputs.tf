output "id" {
  description = "The network's id, to peer with the bank's own."
  value       = google_compute_network.this.id
}

output "connector" {
  description = "The connector's id."
  value       = google_vpc_access_connector.this.id
}
