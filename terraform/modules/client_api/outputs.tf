output "address" {
  description = "Where the host's A record must point."
  value       = google_compute_global_address.this.address
}
