output "view" {
  description = "The view of the bucket, by its resource name: what SLACKER_AUDIT_LOG is set to."
  value       = local.view
}
