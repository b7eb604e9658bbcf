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
}

variable "documents_location" {
  description = "Where documents lie: a region, or a multi-region, which costs more and stands the loss of a region."
  type        = string
  default     = "europe-west3"
}

variable "build_directory" {
  description = "Where `nox -s package` put the zips."
  type        = string
  default     = null
}

variable "advice_invokers" {
  description = "The bank services that may ask, by a name of your own: IAM members. Which operation each may ask is said by the operation."
  type        = map(string)

  validation {
    condition     = length(var.advice_invokers) > 0
    error_message = "At least one service: or nobody can ask."
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
}

variable "downstreams" {
  description = "The services that commands act on: their addresses, and the versions of their credentials in Secret Manager."
  type = object({
    jira                        = string
    jira_secret_version         = optional(number, 1)
    transactions                = string
    transactions_secret_version = optional(number, 1)
    bank_notifications          = optional(string, "")
    contacts                    = optional(string, "")
    sms                         = optional(string, "")
    sms_secret_version          = optional(number, 1)
    push_by                     = optional(string, "fcm")
    text_by                     = optional(string, "sms")
    registry                    = optional(string, "")
    reviews_page                = optional(string, "")
  })
}

variable "token_key_version" {
  description = "The version of the secret token-key that tokens are made with."
  type        = number
  default     = 1
}

variable "connect_account" {
  description = "The IAM member that Kafka Connect publishes as."
  type        = string
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
}

variable "retention_days" {
  description = "Days a decision is kept in the log bucket and in BigQuery."
  type        = number
  default     = 400
}

variable "lock_retention" {
  description = "Whether that retention, and the archive's, is locked for ever. There is no way back."
  type        = bool
  default     = false
}

variable "archive_days" {
  description = "Days an archived event is kept: what a rebuild can count."
  type        = number
  default     = 400
}

variable "analysts" {
  description = "Who may read the views of decisions, by a name of your own: IAM members."
  type        = map(string)
  default     = {}
}

variable "alert_emails" {
  description = "Who is told when something is wrong."
  type        = set(string)
}

variable "runbooks" {
  description = "Where docs/runbooks can be read."
  type        = string
}

variable "limits" {
  description = "From where on somebody is told: see modules/monitoring."
  type        = map(number)
  default     = {}
}

variable "budget" {
  description = "What a month may cost: see modules/monitoring."
  type = object({
    billing_account = string
    currency        = string
    units           = number
  })
  default = null
}
