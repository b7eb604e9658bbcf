mock_provider "google" {}

variables {
  name           = "transactions"
  project_number = "123456789012"
  regions        = ["europe-west3"]
  subscribers    = { risk_features = "https://risk-features-123456789012.europe-west3.run.app" }
  push_account   = "slacker-push@bank-slacker.iam.gserviceaccount.com"
  dead_letters   = { topic = "projects/bank-slacker/topics/dead-letters-events" }
  archive        = { bucket = "bank-slacker-slacker-archive" }
  publishers     = { connect = "serviceAccount:kafka-connect@bank-kafka.iam.gserviceaccount.com" }
}

run "a_topic_with_all_that_hangs_on_it" {
  command = apply

  assert {
    condition = output.delivery == {
      "transactions.risk_features" = {
        account      = "slacker-push@bank-slacker.iam.gserviceaccount.com"
        audience     = "https://risk-features-123456789012.europe-west3.run.app"
        dead_letters = "projects/bank-slacker/topics/dead-letters-events"
        endpoint     = "https://risk-features-123456789012.europe-west3.run.app"
      }
    }
    error_message = "A push is authenticated, for the function it goes to, and what it cannot deliver is a dead letter."
  }

  assert {
    condition     = google_pubsub_subscription.push["risk_features"].enable_message_ordering == false
    error_message = "Ordered, a push would have one message per key outstanding."
  }

  assert {
    condition     = google_pubsub_subscription.push["risk_features"].expiration_policy[0].ttl == "" && google_pubsub_subscription.archive[0].expiration_policy[0].ttl == ""
    error_message = "No subscription expires, however quiet it is."
  }

  assert {
    condition     = google_pubsub_subscription.archive[0].cloud_storage_config[0].avro_config[0].write_metadata && google_pubsub_subscription.archive[0].name == "transactions.archive"
    error_message = "A rebuild reads ids, times and attributes, and the topic from the subscription's name."
  }

  assert {
    condition     = google_pubsub_subscription_iam_member.forwarder["risk_features"].member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub may acknowledge what it forwards."
  }

  assert {
    condition     = output.archived && [for member in google_pubsub_topic_iam_member.publisher : member.member] == ["serviceAccount:kafka-connect@bank-kafka.iam.gserviceaccount.com"]
    error_message = "It is archived, and nobody else publishes."
  }
}

run "a_topic_of_dead_letters" {
  command = apply

  variables {
    dead_letters = null
    archive      = null
  }

  assert {
    condition     = output.delivery["transactions.risk_features"].dead_letters == null && !output.archived && length(google_pubsub_subscription_iam_member.forwarder) == 0
    error_message = "Nothing comes after it: it is tried until it is kept."
  }
}

run "what_is_wrong_is_told_by_its_variable" {
  command = plan

  variables {
    name                  = "Transactions_v1"
    regions               = []
    subscribers           = { risk_features = "http://risk-features" }
    ack_deadline_seconds  = 5
    max_delivery_attempts = 101
  }

  expect_failures = [var.name, var.regions, var.subscribers, var.ack_deadline_seconds, var.max_delivery_attempts]
}
