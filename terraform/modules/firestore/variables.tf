variable "location" {
  description = "Where documents lie: a region, or a multi-region such as eur3."
  type        = string
}

variable "collections" {
  description = "All collections, as in docs/data-model.md."
  type        = set(string)
}

variable "deletable" {
  description = "Whether `terraform destroy` takes the documents along."
  type        = bool
  default     = false
}

variable "backup_days" {
  description = "Days a daily backup is kept."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 98
    error_message = "1 to 98 expected (Firestore's limit is 14 weeks)."
  }
}
