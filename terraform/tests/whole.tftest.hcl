# The whole system as one plan: who may do what, what is reachable, and that nothing gets lost.

mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "123456789012"
    }
  }
}

variables {
  project_id      = "bank-slacker"
  environment     = "production"
  build_directory = "tests/fixtures/zips"
  advice_invokers = { payments = "serviceAccount:payments@bank.iam.gserviceaccount.com" }
  connect_account = "serviceAccount:kafka-connect@bank.iam.gserviceaccount.com"
  runbooks        = "https://git.bank.example/slacker/docs/runbooks"
  alert_emails    = ["on-call@bank.example"]

  operators = {
    reviewer = ["ana@bank.example", "ben@bank.example"]
    on_call  = ["cem@bank.example"]
  }

  downstreams = {
    jira         = "https://bank.atlassian.net"
    transactions = "https://transactions.bank.example"
  }

  client_api = {
    host    = "slacker.bank.example"
    gateway = "gateway@bank.iam.gserviceaccount.com"
  }
}

run "whole" {
  command = apply

  assert {
    condition     = alltrue([for access in values(output.access) : length(setintersection(access.invokers, ["allUsers", "allAuthenticatedUsers"])) == 0])
    error_message = "No function is public."
  }

  assert {
    condition     = [for name, access in output.access : name if access.ingress != "ALLOW_INTERNAL_ONLY"] == ["notification_preferences"]
    error_message = "Only the clients' API is reached from outside the network, through the load balancer."
  }

  assert {
    condition     = output.access["risk_decision"].invokers == tolist(["serviceAccount:advice@bank-slacker.iam.gserviceaccount.com"])
    error_message = "Only advice asks risk_decision."
  }

  assert {
    condition = alltrue([
      for name, access in output.access : access.invokers == tolist(["serviceAccount:slacker-push@bank-slacker.iam.gserviceaccount.com"])
      if contains(["risk_features", "merchant_features", "command_dispatch", "push_notification", "dead_letters"], name)
    ])
    error_message = "An event function is called by pushes alone."
  }

  assert {
    condition     = output.access["operator_api"].invokers == tolist(["user:ana@bank.example", "user:ben@bank.example", "user:cem@bank.example"])
    error_message = "The operators' API is called by operators alone."
  }

  assert {
    condition     = alltrue([for name, access in output.access : length(access.invokers) > 0])
    error_message = "Every function has somebody who may call it."
  }

  assert {
    condition     = setunion([for access in values(output.access) : access.roles]...) == toset(["roles/datastore.user", "roles/firebasecloudmessaging.admin"])
    error_message = "On the project a function has the documents, and one of them FCM."
  }

  assert {
    condition     = [for name, access in output.access : name if contains(access.roles, "roles/firebasecloudmessaging.admin")] == ["push_notification"]
    error_message = "Only push_notification sends by FCM."
  }

  assert {
    condition = {
      for secret in ["jira-token", "transactions-token", "sms-token"] :
      secret => [for name, access in output.access : name if contains(access.secrets, secret)]
      } == {
      "jira-token"         = ["command_dispatch"]
      "transactions-token" = ["command_dispatch"]
      "sms-token"          = ["push_notification"]
    }
    error_message = "A downstream's credential is read by the one function that calls it."
  }

  assert {
    condition     = [for name, access in output.access : name if contains(access.publishes, "commands-resolve-transaction")] == ["operator_api", "scheduled_work"]
    error_message = "Only those who hold a review's decision may have a transaction resolved."
  }

  assert {
    condition     = [for name, delivery in output.deliveries : name if delivery.dead_letters == null] == ["commands-dead-letter.dead_letters", "dead-letters-events.dead_letters"]
    error_message = "Every subscription has a dead-letter topic, but those of dead letters."
  }

  assert {
    condition     = alltrue([for delivery in values(output.deliveries) : delivery.account == "slacker-push@bank-slacker.iam.gserviceaccount.com"])
    error_message = "Every push is authenticated."
  }

  assert {
    condition     = alltrue([for name, delivery in output.deliveries : strcontains(delivery.endpoint, replace(split(".", name)[1], "_", "-"))])
    error_message = "A subscription pushes to the function it is named after."
  }

  assert {
    condition     = output.archived_topics == tolist(["bank-actions", "client-snapshots", "decisions", "fraud-labels", "overdrafts", "transactions"])
    error_message = "Every event is archived."
  }

  assert {
    condition     = alltrue([for size in values(output.sizes) : tonumber(size.cpu) >= 1 && size.concurrency > 1])
    error_message = "Below one CPU, or at a concurrency of 1, async gains nothing."
  }

  assert {
    condition     = output.sizes["merchant_features"].max_instances == 1
    error_message = "Merchants are hot: one instance commits for all."
  }

  assert {
    condition     = output.sizes["advice"].min_instances >= 1 && output.sizes["risk_decision"].min_instances >= 1
    error_message = "Nobody who waits for an answer waits for a cold start."
  }

  assert {
    condition     = alltrue([for name, object in output.objects : object == "functions/${name}-${substr(filesha256("tests/fixtures/zips/${name}-0123456789abcdef.zip"), 0, 16)}.zip"])
    error_message = "The object's name holds the hash of the zip."
  }
}

run "a_size_is_changed_by_the_environment" {
  command = apply

  variables {
    sizes = { advice = { min_instances = 5 } }
  }

  assert {
    condition     = output.sizes["advice"].min_instances == 5 && output.sizes["advice"].max_instances == 100
    error_message = "What is not said stays."
  }
}

run "one_reviewer_is_none" {
  command = plan

  variables {
    operators = { reviewer = ["ana@bank.example"] }
  }

  expect_failures = [var.operators]
}

run "a_sandbox_can_be_thrown_away" {
  command = plan

  variables {
    environment = "sandbox"
    client_api  = null
  }

  assert {
    condition     = output.client_api_address == null
    error_message = "Without a gateway there is no load balancer."
  }
}
