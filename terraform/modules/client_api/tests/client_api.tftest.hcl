mock_provider "google" {}

variables {
  name                = "slacker-clients"
  region              = "europe-west3"
  host                = "slacker.bank.example"
  service             = "notification-preferences"
  requests_per_minute = 60
}

run "what_phones_reach_is_limited" {
  command = apply

  assert {
    condition     = google_compute_backend_service.this.security_policy == google_compute_security_policy.this.id
    error_message = "The policy stands before the function."
  }

  assert {
    condition = anytrue([
      for rule in google_compute_security_policy.this.rule : rule.action == "rate_based_ban" && try(
        rule.rate_limit_options[0].enforce_on_key == "HTTP_HEADER" && rule.rate_limit_options[0].enforce_on_key_name == "x-client-id" &&
        rule.rate_limit_options[0].rate_limit_threshold[0].count == 60 && rule.rate_limit_options[0].exceed_action == "deny(429)", false
      )
    ])
    error_message = "So many requests a minute for one client, and no more."
  }

  assert {
    condition = one([for rule in google_compute_security_policy.this.rule : rule.match[0].expr[0].expression if rule.priority == 100]) == (
      "request.headers['host'].lower() != 'slacker.bank.example' || !request.path.matches('^/v1/')"
    )
    error_message = "Another host or path gets no further."
  }

  assert {
    condition     = google_compute_global_forwarding_rule.this.port_range == "443" && google_compute_ssl_policy.this.min_tls_version == "TLS_1_2"
    error_message = "TLS alone."
  }

  assert {
    condition     = google_compute_region_network_endpoint_group.this.cloud_run[0].service == "notification-preferences"
    error_message = "Behind it is one function."
  }
}

run "what_is_wrong_is_told_by_its_variable" {
  command = plan

  variables {
    host                = "https://slacker.bank.example"
    requests_per_minute = 0
  }

  expect_failures = [var.host, var.requests_per_minute]
}
