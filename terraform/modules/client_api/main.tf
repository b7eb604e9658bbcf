# What clients' phones reach through the bank's gateway, which says who the client is: TLS, one host, the API's paths, and a limit
# per client, before any function is started.

resource "google_compute_global_address" "this" {
  name = var.name
}

resource "google_compute_managed_ssl_certificate" "this" {
  name = "${var.name}-${substr(sha256(var.host), 0, 8)}" # a certificate is never changed: another host, another one

  managed {
    domains = [var.host]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "this" {
  name            = var.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_security_policy" "this" {
  #checkov:skip=CKV_GCP_73:The rule at priority 500 is it, in the newer evaluatePreconfiguredWaf, which checkov does not know.
  name        = var.name
  description = "So many requests a minute for one client; more are refused, and many more banned for a while."

  rule {
    action      = "deny(404)"
    priority    = 100
    description = "another host, or another path"

    match {
      expr {
        expression = "request.headers['host'].lower() != '${var.host}' || !request.path.matches('^/v1/')"
      }
    }
  }

  rule {
    action      = "rate_based_ban"
    priority    = 1000
    description = "per client"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action      = "allow"
      exceed_action       = "deny(429)"
      enforce_on_key      = "HTTP_HEADER" # all requests come from the gateway's few addresses
      enforce_on_key_name = "x-client-id"
      ban_duration_sec    = 300

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }

      ban_threshold {
        count        = var.requests_per_minute * 10
        interval_sec = 60
      }
    }
  }

  rule {
    action      = "deny(403)"
    priority    = 500
    description = "known exploits: log4j and the like"

    match {
      expr {
        expression = "evaluatePreconfiguredWaf('cve-canary', {'sensitivity': 1})"
      }
    }
  }

  rule {
    action      = "allow"
    priority    = 2147483647
    description = "default"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable = true
    }
  }
}

resource "google_compute_region_network_endpoint_group" "this" {
  name                  = var.name
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = var.service
  }
}

resource "google_compute_backend_service" "this" {
  name                  = var.name
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  security_policy       = google_compute_security_policy.this.id

  backend {
    group = google_compute_region_network_endpoint_group.this.id
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "this" {
  name            = var.name
  default_service = google_compute_backend_service.this.id
}

resource "google_compute_target_https_proxy" "this" {
  name             = var.name
  url_map          = google_compute_url_map.this.id
  ssl_certificates = [google_compute_managed_ssl_certificate.this.id]
  ssl_policy       = google_compute_ssl_policy.this.id
}

resource "google_compute_global_forwarding_rule" "this" {
  name                  = var.name
  target                = google_compute_target_https_proxy.this.id
  ip_address            = google_compute_global_address.this.id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
