# The functions: an entry each. What an entry does not say is the same for all.

locals {
  topics = jsondecode(file("${path.module}/../schemas/topics.json"))

  builds = coalesce(var.build_directory, "${path.module}/../build")

  usual_size = { cpu = 1, memory = "512Mi", concurrency = 80, min_instances = 0, max_instances = 20, timeout_seconds = 30 }

  functions = {
    advice = {
      about    = "The synchronous API: a bank service asks, and gets an answer within its deadline."
      size     = { min_instances = 2, max_instances = 100, timeout_seconds = 10 }
      invokers = merge(var.advice_invokers, { probe = local.members["probe"] })
      calls    = true # risk_decision, whose ingress is internal
      environment = {
        SLACKER_RISK_FUNCTIONS      = "risk_decision=${local.urls["risk_decision"]}"
        SLACKER_RISK_FUNCTION_HOSTS = join(",", sort(var.risk_function_hosts))
      }
    }
    risk_decision = {
      about    = "Decides by the active rule set over features."
      size     = { min_instances = 2, max_instances = 100, timeout_seconds = 10 }
      invokers = { advice = local.members["advice"] }
      callers  = [local.emails["advice"]]
    }
    risk_features = {
      about       = "Keeps the features of clients and devices."
      size        = { min_instances = 1, concurrency = 250 }
      calls       = true # the registry of schemas, where it is private
      environment = local.of_events
      secrets     = local.of_registry
    }
    merchant_features = {
      about       = "Keeps the features of merchants, which are hot: one instance, so that one group commits for all."
      size        = { min_instances = 1, max_instances = 1, concurrency = 500 }
      calls       = true
      environment = local.of_events
      secrets     = local.of_registry
    }
    command_dispatch = {
      about = "Calls the service that does what a command says, and accounts for every one."
      size  = { min_instances = 1 }
      calls = true # the bank's own services, where they are private
      environment = {
        SLACKER_JIRA                       = var.downstreams.jira
        SLACKER_JIRA_TOKEN_VERSION         = tostring(var.downstreams.jira_token_version)
        SLACKER_REVIEW_LINK                = var.downstreams.review_link
        SLACKER_TRANSACTIONS               = var.downstreams.transactions
        SLACKER_TRANSACTIONS_TOKEN_VERSION = tostring(var.downstreams.transactions_token_version)
      }
      secrets = ["jira-token", "transactions-token"]
    }
    scheduled_work = {
      about    = "What is due: parked commands, unsent records, reviews that expire, reversals that wait."
      size     = { max_instances = 2, timeout_seconds = 120 }
      invokers = { scheduler = local.members["scheduler"] }
      callers  = [local.emails["scheduler"]]
      environment = {
        SLACKER_AUDIT_LOG = module.audit_log.view
      }
    }
    push_notification = {
      about = "Tells clients, by push or text message."
      size  = { min_instances = 1 }
      calls = true # the bank's own services, where they are private
      environment = {
        SLACKER_PUSH_BY                          = var.notifications.push_by
        SLACKER_TEXT_BY                          = var.notifications.text_by
        SLACKER_BANK_NOTIFICATIONS               = var.notifications.bank
        SLACKER_BANK_NOTIFICATIONS_TOKEN_VERSION = tostring(var.notifications.bank_token_version)
        SLACKER_FCM_PROJECT                      = var.notifications.fcm_project
        SLACKER_SMS                              = var.notifications.sms
        SLACKER_SMS_CREDENTIAL_VERSION           = tostring(var.notifications.sms_credential_version)
        SLACKER_CONTACTS                         = var.notifications.contacts
        SLACKER_CONTACTS_TOKEN_VERSION           = tostring(var.notifications.contacts_token_version)
        SLACKER_PHONE_NUMBERS                    = join(",", sort(var.notifications.phone_numbers))
        SLACKER_LANGUAGE                         = var.notifications.language
        SLACKER_TIME_ZONE                        = var.notifications.time_zone
        SLACKER_DRY_RUN                          = var.notifications.dry_run ? "on" : "off"
      }
      secrets = concat(
        contains(local.ways, "bank") ? ["bank-notifications-token"] : [],
        contains(local.ways, "sms") ? ["sms-credential", "contacts-token"] : [],
      )
      # The apps' project may be another one: its owner grants the role there.
      roles = contains(local.ways, "fcm") && contains(["", var.project_id], var.notifications.fcm_project) ? ["roles/firebasecloudmessaging.admin"] : []
    }
    notification_preferences = {
      about    = "The clients' API, through the bank's gateway: devices and choices."
      ingress  = "ALLOW_INTERNAL_AND_GCLB"
      invokers = var.client_api == null ? {} : { gateway = "serviceAccount:${var.client_api.gateway}" }
      callers  = var.client_api == null ? [] : [var.client_api.gateway]
    }
    dead_letters = {
      about       = "Keeps what could not be processed, for people."
      calls       = true # the registry of schemas: it looks into events to say whose they are
      environment = local.of_events
      secrets     = local.of_registry
    }
    operator_api = {
      about    = "Reviews, dead letters, kill switches and the audit, for the bank's people."
      invokers = { for email in local.operators : email => "user:${email}" }
      environment = {
        SLACKER_OPERATORS = join(",", [for role, emails in var.operators : "${role}=${join(" ", sort(emails))}"])
      }
    }
  }

  of_events = {
    SLACKER_REGISTRY                = var.events.registry
    SLACKER_REGISTRY_SECRET_VERSION = var.events.registry_secret_version == 0 ? "" : tostring(var.events.registry_secret_version)
    SLACKER_MAPPINGS                = join(",", sort(var.events.mappings))
  }

  of_registry = var.events.registry_secret_version == 0 ? [] : ["registry-authorization"]

  ways = toset([var.notifications.push_by, var.notifications.text_by])

  auditors  = { for email in try(var.operators["auditor"], []) : email => "user:${email}" }
  operators = toset(flatten([for emails in values(var.operators) : tolist(emails)]))

  # A function publishes where the table of topics says so, and what it cannot process to the dead letters of what it receives.
  publishes = {
    for function in keys(local.functions_named) : function => toset(concat(
      [for name, topic in local.topics : name if contains(try(topic.publishers, []), function)],
      [for topic in values(local.topics) : topic.dead_letters if contains(topic.subscribers, function) && can(topic.dead_letters)],
    ))
  }

  pushed = toset(flatten([for topic in values(local.topics) : topic.subscribers]))

  # Cloud Run's deterministic address, known before there is a service: functions name each other.
  urls = { for name in keys(local.functions_named) : name => "https://${replace(name, "_", "-")}-${data.google_project.this.number}.${var.region}.run.app" }

  # The names alone, so that addresses do not depend on what mentions them.
  functions_named = { for name in fileset("${path.module}/../functions", "*/main.py") : dirname(name) => true }
}

data "google_project" "this" {
  project_id = var.project_id
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name          = each.key
  description   = each.value.about
  account       = local.emails[each.key]
  project_id    = var.project_id
  region        = var.region
  labels        = local.labels
  zip           = "${local.builds}/${try(one(fileset(local.builds, "${each.key}-*.zip")), "no-${each.key}.zip")}"
  code_bucket   = google_storage_bucket.code.name
  build_account = google_service_account.this["build"].id
  ingress       = try(each.value.ingress, "ALLOW_INTERNAL_ONLY")
  vpc_connector = try(each.value.calls, false) ? module.network.connector : null

  size = merge(
    local.usual_size,
    try(each.value.size, {}),
    { for what, number in try(var.sizes[each.key], {}) : what => number if number != null },
  )

  # What is empty is not told: then the function's own default holds.
  environment = { for name, value in merge(
    {
      SLACKER_ENVIRONMENT       = var.environment
      SLACKER_BACKEND           = "gcp"
      SLACKER_TOKEN_KEY_VERSION = tostring(var.token_key_version)
      GOOGLE_CLOUD_PROJECT      = var.project_id
      SLACKER_CALLERS           = join(",", contains(local.pushed, each.key) ? [local.emails["push"]] : try(each.value.callers, []))
    },
    contains(local.signers, each.key) ? {
      SLACKER_KEY_RING            = google_kms_key_ring.signing.id
      SLACKER_SIGNING_KEY_VERSION = tostring(lookup(var.signing_key_versions, each.key, 1))
    } : {},
    try(each.value.environment, {}),
  ) : name => value if value != "" }

  invokers = merge(
    try(each.value.invokers, {}),
    contains(local.pushed, each.key) ? { push = local.members["push"] } : {},
  )

  project_roles = toset(concat(["roles/datastore.user"], try(each.value.roles, [])))
  secrets       = toset(concat(["token-key"], try(each.value.secrets, [])))
  publishes     = { for name in local.publishes[each.key] : name => merge(module.topic, module.dead_letter_topic)[name].name }

  depends_on = [
    google_service_account.this, google_secret_manager_secret.this,
    google_project_iam_member.build, google_project_iam_member.build_source, google_storage_bucket_iam_member.build,
  ]
}
