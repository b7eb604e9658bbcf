# Production, for a bank whose domain is bank.example: every value here is an example.

project_id  = "bank-slacker"
environment = "production"

advice_invokers = {
  payments = "serviceAccount:payments@bank.example" # each is a caller of an operation, too
}

operators = {
  reviewer = ["ana@bank.example", "ben@bank.example"]
  on_call  = ["cem@bank.example"]
  auditor  = ["eva@bank.example"]
}

connect_account = "serviceAccount:kafka-connect@bank-kafka.iam.gserviceaccount.com"

events = {
  registry = "https://registry.bank.example/apis/ccompat/v7"
}

downstreams = {
  jira         = "https://bank.atlassian.net"
  transactions = "https://transactions.bank.example"
  review_link  = "https://console.bank.example/reviews/{review}"
}

notifications = {
  push_by   = "fcm"
  text_by   = "bank"
  bank      = "https://notifications.bank.example"
  time_zone = "Europe/Brussels"
}

client_api = {
  host    = "slacker.bank.example"
  gateway = "gateway@bank-apps.iam.gserviceaccount.com"
}

analysts       = { risk = "group:risk-analysts@bank.example" }
retention_days = 400
lock_retention = true # for ever: it can only be made longer

alert_emails = ["on-call@bank.example"]
runbooks     = "https://git.bank.example/slacker/docs/runbooks"

budget = {
  billing_account = "000000-000000-000000"
  currency        = "EUR"
  units           = 2000
}
