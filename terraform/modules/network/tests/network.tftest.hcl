mock_provider "google" {}

variables {
  name   = "slacker"
  region = "europe-west3"
}

run "functions_reach_functions_without_leaving_the_network" {
  command = apply

  assert {
    condition     = google_dns_managed_zone.run.visibility == "private" && google_dns_managed_zone.run.dns_name == "run.app." && google_dns_record_set.any.name == "*.run.app."
    error_message = "Within the network, and there alone, functions' names are Google's private addresses."
  }

  assert {
    condition     = toset(google_dns_record_set.private.rrdatas) == toset([for number in range(4) : cidrhost("199.36.153.8/30", number)])
    error_message = "The addresses of private.googleapis.com."
  }

  assert {
    condition     = google_compute_subnetwork.this.private_ip_google_access && !google_compute_network.this.auto_create_subnetworks
    error_message = "One subnetwork, from which Google's services are reached privately."
  }

  assert {
    condition     = google_vpc_access_connector.this.min_instances == 2 && google_vpc_access_connector.this.subnet[0].name == google_compute_subnetwork.this.name
    error_message = "The connector has two machines at least, so that one may fail."
  }
}

run "what_is_wrong_is_told_by_its_variable" {
  command = plan

  variables {
    range               = "10.80.0.0/24"
    connector_instances = 2
  }

  expect_failures = [var.range, var.connector_instances]
}
