output "id" {
  description = "The topic's id."
  value       = google_pubsub_topic.this.id
}

output "name" {
  description = "The topic's name."
  value       = google_pubsub_topic.this.name
}

output "subscriptions" {
  description = "The names of its push subscriptions, by function."
  value       = { for function, subscription in google_pubsub_subscription.push : function => subscription.name }
}
