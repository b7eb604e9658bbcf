variable "project_id" {
  description = "The project that is watched."
  type        = string
}

variable "project_number" {
  description = "Its number, as budgets want it."
  type        = string
}

variable "services" {
  description = "The Cloud Run services that are watched."
  type        = set(string)
}

variable "subscriptions" {
  description = "The names of the push subscriptions that are watched."
  type        = set(string)
}

variable "emails" {
  description = "Who is told, by e-mail address."
  type        = set(string)

  validation {
    condition     = length(var.emails) > 0
    error_message = "At least one address: an alert that reaches nobody is none."
  }
}

variable "runbooks" {
  description = "Where docs/runbooks can be read."
  type        = string
}

variable "objective" {
  description = "The part of questions that must be good."
  type        = number
  default     = 0.9999

  validation {
    condition     = var.objective >= 0.9 && var.objective < 1
    error_message = "0.9 to below 1 expected."
  }
}

variable "deadline_ms" {
  description = "What an answer may take."
  type        = number
  default     = 250
}

variable "limits" {
  description = "From where on somebody is told."
  type = object({
    oldest_unacknowledged_seconds = optional(number, 300)
    declared_answers_in_5_minutes = optional(number, 5)
    parked_in_15_minutes          = optional(number, 50)
    error_lines_in_5_minutes      = optional(number, 20)
    errors_per_second             = optional(number, 1)
    advice_p99_ms                 = optional(number, 200)
  })
  default = {}
}

variable "budget" {
  description = "What a month may cost, in whole units; null for no budget."
  type = object({
    billing_account = string
    currency        = string
    units           = number
  })
  default = null
}
