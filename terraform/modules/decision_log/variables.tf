variable "project_id" {
  description = "The project whose logs are read."
  type        = string
}

variable "location" {
  description = "Where the log bucket and the datasets lie."
  type        = string
}

variable "labels" {
  description = "Labels of the datasets."
  type        = map(string)
  default     = {}
}

variable "services" {
  description = "The Cloud Run services whose lines are decisions."
  type        = set(string)
}

variable "topic" {
  description = "The id of the topic for answers."
  type        = string
}

variable "topic_name" {
  description = "That topic's name."
  type        = string
}

variable "retention_days" {
  description = "Days a decision is kept."
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

variable "deletable" {
  description = "Whether `terraform destroy` takes the tables along. A locked bucket stays in any case."
  type        = bool
  default     = false
}

variable "analysts" {
  description = "Who may read the views, by a name of your own: IAM members."
  type        = map(string)
  default     = {}
}
