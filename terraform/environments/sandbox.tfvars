# The sandbox, where operation ids can force each answer: small, dry, and easily thrown away.

project_id  = "bank-slacker-sandbox"
environment = "sandbox"

advice_invokers = {
  payments = "serviceAccount:payments@bank.example"
}

operators = {
  reviewer = ["ana@bank.example", "ben@bank.example"]
  on_call  = ["ana@bank.example"]
}

connect_account = "serviceAccount:kafka-connect@bank-kafka.iam.gserviceaccount.com"

downstreams = {
  jira         = "https://bank-sandbox.atlassian.net"
  transactions = "https://transactions.sandbox.bank.example"
  review_link  = "https://console.sandbox.bank.example/reviews/{review}"
}

notifications = {
  push_by     = "fcm"
  fcm_project = "bank-apps-sandbox"
  text_by     = "sms"
  sms         = "https://sms.example"
  contacts    = "https://contacts.sandbox.bank.example"
  dry_run     = true # all steps, and nothing leaves
}

sizes = {
  advice            = { min_instances = 0, max_instances = 4 }
  risk_decision     = { min_instances = 0, max_instances = 4 }
  risk_features     = { min_instances = 0 }
  command_dispatch  = { min_instances = 0 }
  push_notification = { min_instances = 0 }
}

retention_days = 30
archive_days   = 40

alert_emails = ["slacker-team@bank.example"]
runbooks     = "https://git.bank.example/slacker/docs/runbooks"
