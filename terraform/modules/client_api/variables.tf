variable "name" {
  description = "The name of the load balancer's parts."
  type        = string
}

variable "region" {
  description = "The function's region."
  type        = string
}

variable "host" {
  description = "The host that the gateway calls; its A record must point to the output `address`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.host))
    error_message = "A host name expected, such as slacker.bank.example."
  }
}

variable "service" {
  description = "The Cloud Run service behind it."
  type        = string
}

variable "requests_per_minute" {
  description = "Requests a minute for one client; ten times as many are a ban of five minutes."
  type        = number
  default     = 60

  validation {
    condition     = var.requests_per_minute >= 1 && var.requests_per_minute <= 1000
    error_message = "1 to 1000 expected."
  }
}
