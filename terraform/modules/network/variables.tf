variable "name" {
  description = "The network's name."
  type        = string
}

variable "region" {
  description = "The region of its subnetwork."
  type        = string
}

variable "range" {
  description = "The subnetwork's addresses: a connector takes a /28."
  type        = string
  default     = "10.80.0.0/28"

  validation {
    condition     = can(cidrhost(var.range, 0)) && endswith(var.range, "/28")
    error_message = "A /28 expected, such as 10.80.0.0/28."
  }
}

variable "connector_instances" {
  description = "The most machines of the connector: 2 pass some 200 Mbit/s, many thousand questions a second."
  type        = number
  default     = 4

  validation {
    condition     = var.connector_instances >= 3 && var.connector_instances <= 10
    error_message = "3 to 10 expected."
  }
}
