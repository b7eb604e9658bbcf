# One function: what it refuses to be.

mock_provider "google" {}

variables {
  name          = "risk_decision"
  account       = "risk-decision@bank-slacker.iam.gserviceaccount.com"
  description   = "Decides."
  project_id    = "bank-slacker"
  region        = "europe-west3"
  zip           = "tests/code.zip"
  code_bucket   = "bank-slacker-code"
  build_account = "projects/bank-slacker/serviceAccounts/build@bank-slacker.iam.gserviceaccount.com"
  environment   = {}
  invokers      = { advice = "serviceAccount:advice@bank-slacker.iam.gserviceaccount.com" }
  size          = { cpu = 1, memory = "512Mi", concurrency = 80, min_instances = 0, max_instances = 2, timeout_seconds = 30 }
}

run "it_is_named_and_deployed_by_hash" {
  command = plan

  assert {
    condition     = google_cloudfunctions2_function.this.name == "risk-decision" && google_cloudfunctions2_function.this.build_config[0].entry_point == "risk_decision"
    error_message = "The entry point keeps its underscores, the service has dashes."
  }

  assert {
    condition     = google_storage_bucket_object.code.name == "functions/risk_decision-${substr(filesha256("tests/code.zip"), 0, 16)}.zip"
    error_message = "The object's name holds the hash of the zip."
  }
}

run "no_zip_no_plan" {
  command = plan

  variables {
    zip = "tests/none.zip"
  }

  expect_failures = [var.zip]
}

run "nobody_is_everybody" {
  command = plan

  variables {
    invokers = { everybody = "allUsers" }
  }

  expect_failures = [var.invokers]
}

run "no_basic_roles" {
  command = plan

  variables {
    project_roles = ["roles/editor"]
  }

  expect_failures = [var.project_roles]
}

run "below_one_cpu_async_gains_nothing" {
  command = plan

  variables {
    size = { cpu = 0.5, memory = "512Mi", concurrency = 80, min_instances = 0, max_instances = 2, timeout_seconds = 30 }
  }

  expect_failures = [var.size]
}

run "not_from_everywhere" {
  command = plan

  variables {
    ingress = "ALLOW_ALL"
  }

  expect_failures = [var.ingress]
}
