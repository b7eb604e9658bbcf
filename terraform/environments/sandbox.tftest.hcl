# The sandbox as sandbox.tfvars has it: terraform test -test-directory=environments -var-file=environments/sandbox.tfvars

mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "210987654321"
    }
  }
}

variables {
  build_directory = "tests/fixtures/zips"
}

run "sandbox" {
  command = apply

  assert {
    condition     = output.access["push_notification"].secrets == tolist(["contacts-token", "sms-credential", "token-key"])
    error_message = "The credentials of what it calls, and no others."
  }

  assert {
    condition     = output.access["push_notification"].roles == tolist(["roles/datastore.user"])
    error_message = "The role for FCM is granted where the apps are."
  }

  assert {
    condition     = output.environment["push_notification"]["SLACKER_DRY_RUN"] == "on" && output.environment["push_notification"]["SLACKER_FCM_PROJECT"] == "bank-apps-sandbox"
    error_message = "A function is told what the environment says."
  }

  assert {
    condition     = !contains(keys(output.environment["push_notification"]), "SLACKER_BANK_NOTIFICATIONS")
    error_message = "What is empty is not told."
  }

  assert {
    condition     = output.environment["advice"]["SLACKER_ENVIRONMENT"] == "sandbox"
    error_message = "Only a sandbox lets operation ids force an answer."
  }

  assert {
    condition     = output.client_api_address == null && length(output.access["notification_preferences"].invokers) == 0
    error_message = "Without a gateway there is no load balancer, and nobody may call."
  }

  assert {
    condition     = output.sizes["advice"].min_instances == 0 && output.sizes["advice"].concurrency == 80
    error_message = "What is not said of a size stays."
  }

  assert {
    condition     = output.secrets == tolist(["contacts-token", "jira-token", "sms-credential", "token-key", "transactions-token"])
    error_message = "The secrets that somebody reads need a version."
  }
}
