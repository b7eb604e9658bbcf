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

run "plan" {
  command = plan
}
