# The whole system as production.tfvars has it: who may do what, what is reachable, and that nothing gets lost.
# terraform test -var-file=environments/production.tfvars

mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "123456789012"
    }
  }
}

variables {
  build_directory = "tests/fixtures/zips"
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
    condition     = output.access["operator_api"].invokers == tolist(["user:ana@bank.example", "user:ben@bank.example", "user:cem@bank.example", "user:eva@bank.example"])
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
      for secret in output.secrets :
      secret => [for name, access in output.access : name if contains(access.secrets, secret)] if secret != "token-key"
      } == {
      "bank-notifications-token" = ["push_notification"]
      "jira-token"               = ["command_dispatch"]
      "transactions-token"       = ["command_dispatch"]
    }
    error_message = "A downstream's credential is read by the one function that calls it."
  }

  assert {
    condition     = [for name, access in output.access : name if contains(access.publishes, "commands-resolve-transaction")] == ["operator_api", "scheduled_work"]
    error_message = "Only those who hold a review's decision may have a transaction resolved."
  }

  assert {
    condition     = alltrue([for name, key in output.signing : key.signer == "serviceAccount:${replace(name, "_", "-")}@bank-slacker.iam.gserviceaccount.com" && key.role == "roles/cloudkms.signer"])
    error_message = "A function signs with its own key, and no other with that."
  }

  assert {
    condition     = alltrue([for key in values(output.signing) : key.algorithm == "EC_SIGN_P256_SHA256" && key.level == "SOFTWARE"])
    error_message = "The keys are for what verifiers take."
  }

  assert {
    condition     = output.verifiers == tolist(concat([for name in ["command-dispatch", "operator-api", "scheduled-work"] : "serviceAccount:${name}@bank-slacker.iam.gserviceaccount.com"], ["user:eva@bank.example"]))
    error_message = "Who acts on what is signed, or verifies the audit, may read public keys."
  }

  assert {
    condition     = [for name, environment in output.environment : name if can(environment["SLACKER_KEY_RING"])] == keys(output.signing)
    error_message = "Who signs is told where the keys are."
  }

  assert {
    condition     = length(setsubtract(["transactions", "decisions", "commands-create-ticket", "notifications"], output.access["scheduled_work"].publishes)) == 0
    error_message = "scheduled_work sends redriven letters back to where they came from."
  }

  assert {
    condition     = [for name, access in output.access : name if contains(access.publishes, "transactions")] == ["scheduled_work"]
    error_message = "Nobody else makes events up: the bank's come through Kafka Connect."
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
    condition     = alltrue([for name, delivery in output.deliveries : delivery.audience == delivery.endpoint])
    error_message = "A push's token is for the function it is sent to, and no other."
  }

  assert {
    condition     = output.environment["advice"]["SLACKER_RISK_FUNCTIONS"] == "risk_decision=https://risk-decision-123456789012.europe-west3.run.app"
    error_message = "advice asks risk_decision at its own address, which is the audience of its token."
  }

  assert {
    condition     = alltrue([for environment in values(output.environment) : environment["SLACKER_ENVIRONMENT"] == "production" && environment["SLACKER_BACKEND"] == "gcp"])
    error_message = "Production is told so."
  }

  assert {
    condition = alltrue([
      for service, config in google_project_iam_audit_config.reads :
      toset(config.audit_log_config[*].log_type) == toset(service == "firestore" ? ["DATA_READ", "DATA_WRITE"] : ["DATA_READ"])
    ])
    error_message = "Whoever reads, or writes to the store, and is no function is on record."
  }

  assert {
    condition     = alltrue(flatten([for config in google_project_iam_audit_config.reads["firestore"].audit_log_config : [for member in config.exempted_members : can(regex("^serviceAccount:(advice|risk|merchant|command|scheduled|push|notification|dead|operator)", member))]]))
    error_message = "Functions alone are exempt."
  }

  assert {
    condition     = output.expiring == tolist(["answers", "attempts", "commands", "dead_letter_bodies", "dead_letters", "merchant_events", "notification_history", "reviews", "waiting_reversals"])
    error_message = "What expires has a TTL policy."
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

run "who_may_not_ask_is_told_before_it_is_deployed" {
  command = plan

  variables {
    project_id      = "another-project"
    advice_invokers = { stranger = "serviceAccount:stranger@bank.iam.gserviceaccount.com" }
  }

  expect_failures = [check.the_probe_may_ask, check.who_may_ask_may_call]
}

run "what_is_wrong_is_told_by_its_variable" {
  command = plan

  variables {
    environment              = "test"
    region                   = "Frankfurt"
    documents_location       = "europe"
    advice_invokers          = { everybody = "allUsers" }
    operators                = { reviewer = ["ana@bank.example"] } # one reviewer is none: two people approve above an amount
    client_api               = { host = "slacker.bank.example", gateway = "gateway@bank.example" }
    downstreams              = { jira = "bank.atlassian.net", transactions = "https://t.bank.example", review_link = "https://console.bank.example" }
    notifications            = { push_by = "fcm", text_by = "sms" } # text messages want a provider
    token_key_version        = 0
    signing_protection_level = "PAPER"
    signing_key_versions     = { operator_api = 0 }
    connect_account          = "kafka-connect@bank-kafka.iam.gserviceaccount.com"
    sizes                    = { merchant_features = { max_instances = 2 } }
    retention_days           = 7
    archive_days             = 7
    analysts                 = { everybody = "allAuthenticatedUsers" }
    alert_emails             = []
    runbooks                 = "docs/runbooks"
    budget                   = { billing_account = "000000-000000-000000", currency = "euro", units = 10 }
  }

  expect_failures = [
    var.environment, var.region, var.documents_location, var.advice_invokers, var.operators, var.client_api, var.downstreams,
    var.notifications, var.token_key_version, var.signing_protection_level, var.signing_key_versions, var.connect_account, var.sizes, var.retention_days, var.archive_days, var.analysts,
    var.alert_emails, var.runbooks, var.budget,
  ]
}
