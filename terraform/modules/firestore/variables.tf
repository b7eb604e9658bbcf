variable "location" {
  description = "Where documents lie: a region, or a multi-region such as eur3."
  type        = string
}

variable "lasting" {
  description = "The collections whose documents stay until somebody deletes them."
  type        = set(string)
}

variable "expiring" {
  description = "The collections whose documents go when their `expires_at` has passed."
  type        = set(string)

  validation {
    condition     = length(setintersection(var.lasting, var.expiring)) == 0
    error_message = "A collection is in one of `lasting` and `expiring`."
  }
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
