variable "project_id" {
  description = "The project that everything is made in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project's id expected: 6 to 30 lower case letters, digits and dashes."
  }
}

variable "environment" {
  description = "`production`, or `sandbox`, where operation ids can force each answer."
  type        = string

  validation {
    condition     = contains(["production", "sandbox"], var.environment)
    error_message = "production or sandbox expected."
  }
}

variable "region" {
  description = "Where functions run and messages lie."
  type        = string
  default     = "europe-west3"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region expected, such as europe-west3."
  }
}

variable "documents_location" {
  description = "Where documents lie: a region, or a multi-region, which costs more and stands the loss of a region."
  type        = string
  default     = "europe-west3"

  validation {
    condition     = can(regex("^([a-z]+-[a-z]+[0-9]+|eur3|nam5|nam7)$", var.documents_location))
    error_message = "A region, or eur3, nam5 or nam7, expected."
  }
}

variable "build_directory" {
  description = "Where `nox -s package` put the zips."
  type        = string
  default     = null

  validation {
    condition     = var.build_directory == null || try(length(fileset(var.build_directory, "*.zip")) > 0, false)
    error_message = "There are no zips: run `nox -s package` first."
  }
}

variable "advice_invokers" {
  description = "The bank services that may ask, by a name of your own: IAM members. Which operation each may ask is said by the operation."
  type        = map(string)

  validation {
    condition     = length(var.advice_invokers) > 0
    error_message = "At least one service: or nobody can ask."
  }

  validation {
    condition     = alltrue([for member in values(var.advice_invokers) : startswith(member, "serviceAccount:")])
    error_message = "IAM members of services expected: serviceAccount:payments@bank.iam.gserviceaccount.com."
  }
}

variable "operators" {
  description = "Who may do what at the operators' API: role (reviewer, on_call, support, auditor) to e-mail addresses."
  type        = map(set(string))

  validation {
    condition     = length(setsubtract(keys(var.operators), ["reviewer", "on_call", "support", "auditor"])) == 0
    error_message = "Roles are reviewer, on_call, support and auditor."
  }

  validation {
    condition     = length(lookup(var.operators, "reviewer", [])) != 1
    error_message = "Two reviewers at least: above an amount one person alone cannot approve."
  }
}

variable "client_api" {
  description = "The host under which the bank's gateway reaches the clients' API, and the gateway's account; null for none."
  type = object({
    host                = string
    gateway             = string
    requests_per_minute = optional(number, 60)
  })
  default = null

  validation {
    condition     = var.client_api == null || try(endswith(var.client_api.gateway, ".gserviceaccount.com"), false)
    error_message = "The gateway is a service account, by its e-mail address."
  }
}

variable "risk_function_hosts" {
  description = "Hosts of risk functions that operations may name by address, besides risk_decision."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for host in var.risk_function_hosts : can(regex("^\\.?[a-z0-9-]+(\\.[a-z0-9-]+)+$", host))])
    error_message = "Host names, or ends of host names that begin with a dot, expected."
  }
}

variable "downstreams" {
  description = "What commands act on: Jira, the bank's transaction service, the page of a review; and the versions of their credentials."
  type = object({
    jira                       = string
    jira_token_version         = optional(number, 1)
    transactions               = string
    transactions_token_version = optional(number, 1)
    review_link                = string
  })

  validation {
    condition     = alltrue([for url in [var.downstreams.jira, var.downstreams.transactions, var.downstreams.review_link] : startswith(url, "https://")])
    error_message = "Addresses with https:// expected."
  }

  validation {
    condition     = strcontains(var.downstreams.review_link, "{review}")
    error_message = "review_link holds {review}, where a review's id goes: https://console.bank.example/reviews/{review}."
  }
}

variable "notifications" {
  description = "How clients are told: push by fcm or bank, text by sms or bank, with what those need; language and time zone of who is not known."
  type = object({
    push_by                = optional(string, "fcm")
    text_by                = optional(string, "bank")
    bank                   = optional(string, "")
    bank_token_version     = optional(number, 1)
    fcm_project            = optional(string, "")
    sms                    = optional(string, "")
    sms_credential_version = optional(number, 1)
    contacts               = optional(string, "")
    contacts_token_version = optional(number, 1)
    phone_numbers          = optional(set(string), [])
    language               = optional(string, "en")
    time_zone              = optional(string, "UTC")
    dry_run                = optional(bool, false)
  })

  validation {
    condition     = contains(["fcm", "bank"], var.notifications.push_by) && contains(["sms", "bank"], var.notifications.text_by)
    error_message = "push_by is fcm or bank, text_by is sms or bank."
  }

  validation {
    condition     = !contains([var.notifications.push_by, var.notifications.text_by], "bank") || startswith(var.notifications.bank, "https://")
    error_message = "Sent by the bank's service: `bank` is its https address."
  }

  validation {
    condition     = var.notifications.text_by != "sms" || alltrue([for url in [var.notifications.sms, var.notifications.contacts] : startswith(url, "https://")])
    error_message = "Text messages by sms: `sms` and `contacts` are https addresses."
  }
}

variable "events" {
  description = "How the bank's Avro is read: the address of its schema registry, the version of the secret it is shown (0 for none), and the mappings of schemas/mappings/ in use."
  type = object({
    registry                = optional(string, "")
    registry_secret_version = optional(number, 0)
    mappings                = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = var.events.registry_secret_version == 0 || startswith(var.events.registry, "https://")
    error_message = "A registry that is shown a secret has an address with https://."
  }
}

variable "token_key_version" {
  description = "The version of the secret token-key that tokens are made with."
  type        = number
  default     = 1

  validation {
    condition     = var.token_key_version >= 1 && floor(var.token_key_version) == var.token_key_version
    error_message = "The number of a version expected, 1 or more."
  }
}

variable "signing_protection_level" {
  description = "Where the keys lie that decisions are signed with: `SOFTWARE`, or `HSM`, which costs more. It holds for versions that are made from then on."
  type        = string
  default     = "SOFTWARE"

  validation {
    condition     = contains(["SOFTWARE", "HSM"], var.signing_protection_level)
    error_message = "SOFTWARE or HSM expected."
  }
}

variable "signing_key_versions" {
  description = "The version of its key that a function signs with, by function: 1 where it is not named."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.signing_key_versions) : version >= 1 && floor(version) == version])
    error_message = "The number of a version expected, 1 or more."
  }
}

variable "connect_account" {
  description = "The IAM member that Kafka Connect publishes as."
  type        = string

  validation {
    condition     = startswith(var.connect_account, "serviceAccount:") || startswith(var.connect_account, "principal")
    error_message = "An IAM member expected: serviceAccount:…, or principal://… of a workload identity pool."
  }
}

variable "sizes" {
  description = "What is changed of a function's size, by function: CPUs, memory, concurrency, instances, seconds."
  type = map(object({
    cpu             = optional(number)
    memory          = optional(string)
    concurrency     = optional(number)
    min_instances   = optional(number)
    max_instances   = optional(number)
    timeout_seconds = optional(number)
  }))
  default = {}

  # Two instances would fight over hot merchants' documents: see docs/decisions.
  validation {
    condition     = try(var.sizes["merchant_features"].max_instances, null) == null
    error_message = "merchant_features has one instance."
  }
}

variable "retention_days" {
  description = "Days a decision is kept in the log bucket and in BigQuery."
  type        = number
  default     = 400

  validation {
    condition     = var.retention_days >= 30 && var.retention_days <= 3650
    error_message = "30 to 3650 days expected."
  }
}

variable "lock_retention" {
  description = "Whether the log bucket's retention is locked for ever. There is no way back."
  type        = bool
  default     = false
}

variable "archive_days" {
  description = "Days an archived event is kept: what a rebuild can count."
  type        = number
  default     = 400

  validation {
    condition     = var.archive_days >= 31
    error_message = "At least 31 days expected: a rebuild wants a month."
  }
}

variable "analysts" {
  description = "Who may read the views of decisions, by a name of your own: IAM members."
  type        = map(string)
  default     = {}

  validation {
    condition     = !anytrue([for member in values(var.analysts) : contains(["allUsers", "allAuthenticatedUsers"], member)])
    error_message = "Nothing is public: name who may read."
  }
}

variable "alert_emails" {
  description = "Who is told when something is wrong."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for email in var.alert_emails : strcontains(email, "@")])
    error_message = "At least one e-mail address: an alert that reaches nobody is none."
  }
}

variable "runbooks" {
  description = "Where docs/runbooks can be read."
  type        = string

  validation {
    condition     = startswith(var.runbooks, "https://")
    error_message = "An address with https:// expected."
  }
}

variable "limits" {
  description = "From where on somebody is told; what is not said stays as in modules/monitoring."
  type = object({
    oldest_unacknowledged_seconds = optional(number)
    declared_answers_in_5_minutes = optional(number)
    parked_in_15_minutes          = optional(number)
    error_lines_in_5_minutes      = optional(number)
    errors_per_second             = optional(number)
    advice_p99_ms                 = optional(number)
  })
  default = {}

  validation {
    condition     = alltrue([for limit in values(var.limits) : limit == null ? true : limit >= 0])
    error_message = "Limits are 0 or more."
  }
}

variable "budget" {
  description = "What a month may cost, in whole units of the billing account's currency; null for no budget."
  type = object({
    billing_account = string
    currency        = string
    units           = number
  })
  default = null

  validation {
    condition     = var.budget == null || try(var.budget.units > 0 && length(var.budget.currency) == 3, false)
    error_message = "A currency of three letters, and at least one unit, expected."
  }
}
