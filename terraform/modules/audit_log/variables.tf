variable "project_id" {
  description = "The project whose logs are read."
  type        = string
}

variable "location" {
  description = "Where the log bucket lies."
  type        = string
}

variable "services" {
  description = "The Cloud Run services that act on record."
  type        = set(string)
}

variable "retention_days" {
  description = "Days an entry is kept."
  type        = number

  validation {
    condition     = var.retention_days >= 30 && var.retention_days <= 3650
    error_message = "30 to 3650 days expected (Cloud Logging's limit)."
  }
}

variable "locked" {
  description = "Whether the retention is locked, for ever: it can then only be made longer."
  type        = bool
}

variable "readers" {
  description = "Who verifies the audit, by a name of your own: IAM members."
  type        = map(string)
  default     = {}
}
