variable "name" {
  description = "The function's name: its folder, its entry point, and (with dashes) its Cloud Run service."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z_]{4,28}[a-z]$", var.name)) # a service account's id has 6 to 30 characters
    error_message = "Lower case letters and underscores, 6 to 30 of them."
  }
}

variable "description" {
  description = "What it does, in a sentence."
  type        = string
}

variable "account" {
  description = "The e-mail address of the account it runs as."
  type        = string
}

variable "project_id" {
  description = "The project it runs in."
  type        = string
}

variable "region" {
  description = "The region it runs in."
  type        = string
}

variable "labels" {
  description = "Labels of the function."
  type        = map(string)
  default     = {}
}

variable "zip" {
  description = "The zip that `nox -s package` built."
  type        = string

  validation {
    condition     = endswith(var.zip, ".zip") && fileexists(var.zip)
    error_message = "There is no such zip: run `nox -s package` first."
  }
}

variable "code_bucket" {
  description = "The bucket for the zips."
  type        = string
}

variable "build_account" {
  description = "The service account that Cloud Build builds with, as projects/…/serviceAccounts/…"
  type        = string
}

variable "size" {
  description = "How large and how many: below one CPU concurrency would have to be 1, where async gains nothing."
  type = object({
    cpu             = number
    memory          = string
    concurrency     = number
    min_instances   = number
    max_instances   = number
    timeout_seconds = number
  })

  validation {
    condition     = var.size.cpu >= 1 && var.size.concurrency > 1
    error_message = "At least one CPU, and a concurrency above 1, expected."
  }

  validation {
    condition     = var.size.min_instances >= 0 && var.size.max_instances >= max(1, var.size.min_instances)
    error_message = "0 <= min_instances <= max_instances, and at least one instance, expected."
  }
}

variable "ingress" {
  description = "From where it is reached: this project's network alone, or a load balancer too. Never from everywhere."
  type        = string
  default     = "ALLOW_INTERNAL_ONLY"

  validation {
    condition     = contains(["ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"], var.ingress)
    error_message = "ALLOW_INTERNAL_ONLY or ALLOW_INTERNAL_AND_GCLB expected."
  }
}

variable "environment" {
  description = "Its environment variables: see the README of the project."
  type        = map(string)
}

variable "vpc_connector" {
  description = "The connector through which it calls functions with internal ingress; null if it calls none."
  type        = string
  default     = null
}

variable "invokers" {
  description = "Who may call it, by a name of your own: IAM members such as serviceAccount:payments@bank.iam.gserviceaccount.com."
  type        = map(string)

  validation {
    condition     = !anytrue([for member in values(var.invokers) : contains(["allUsers", "allAuthenticatedUsers"], member)])
    error_message = "Nothing is public: name who may call."
  }
}

variable "project_roles" {
  description = "Roles on the project: what has no narrower place to be granted."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setintersection(var.project_roles, ["roles/owner", "roles/editor", "roles/viewer"])) == 0
    error_message = "No basic roles."
  }
}

variable "secrets" {
  description = "The secrets it may read, by name."
  type        = set(string)
  default     = []
}

variable "publishes" {
  description = "The topics it may publish to, by a name of your own."
  type        = map(string)
  default     = {}
}
