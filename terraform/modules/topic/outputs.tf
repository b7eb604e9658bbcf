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

output "delivery" {
  description = "How each push subscription delivers: to whom, as whom, and where what it cannot deliver goes."
  value = {
    for function, subscription in google_pubsub_subscription.push : subscription.name => {
      endpoint     = subscription.push_config[0].push_endpoint
      audience     = subscription.push_config[0].oidc_token[0].audience
      account      = subscription.push_config[0].oidc_token[0].service_account_email
      dead_letters = try(subscription.dead_letter_policy[0].dead_letter_topic, null)
    }
  }
}

output "archived" {
  description = "Whether all its messages are kept in the archive."
  value       = length(google_pubsub_subscription.archive) == 1
}
