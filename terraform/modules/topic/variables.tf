variable "name" {
  description = "The topic's name, as in schemas/topics.json."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z-]{2,60}$", var.name))
    error_message = "Lower case letters and dashes, at least three."
  }
}

variable "project_number" {
  description = "The project's number, by which Google names its own accounts."
  type        = string
}

variable "labels" {
  description = "Labels of topic and subscriptions."
  type        = map(string)
  default     = {}
}

variable "regions" {
  description = "The regions that may hold messages."
  type        = list(string)

  validation {
    condition     = length(var.regions) > 0
    error_message = "At least one region: where a bank's messages lie is not left to chance."
  }
}

variable "retention" {
  description = "How long the topic keeps messages for a seek back, acknowledged or not."
  type        = string
  default     = "604800s"
}

variable "subscribers" {
  description = "Who gets its messages: function to address."
  type        = map(string)

  validation {
    condition     = alltrue([for url in values(var.subscribers) : startswith(url, "https://")])
    error_message = "Addresses with https:// expected."
  }
}

variable "push_account" {
  description = "The account whose token a push shows."
  type        = string
}

variable "ack_deadline_seconds" {
  description = "Seconds a push may take."
  type        = number
  default     = 30

  validation {
    condition     = var.ack_deadline_seconds >= 10 && var.ack_deadline_seconds <= 600
    error_message = "10 to 600 expected (Pub/Sub's limits)."
  }
}

variable "dead_letters" {
  description = "The id of the topic for what is refused too often; null for a topic of dead letters itself."
  type        = object({ topic = string }) # an object, so that a plan knows whether there is one before the topic is made
  default     = null
}

variable "max_delivery_attempts" {
  description = "Refusals before Pub/Sub forwards a message: well after the functions' own dead letters."
  type        = number
  default     = 20

  validation {
    condition     = var.max_delivery_attempts >= 5 && var.max_delivery_attempts <= 100
    error_message = "5 to 100 expected (Pub/Sub's limits)."
  }
}

variable "archive" {
  description = "The bucket in which all messages are kept as Avro; null for none."
  type        = object({ bucket = string })
  default     = null
}

variable "publishers" {
  description = "Who else than functions may publish, by a name of your own: IAM members."
  type        = map(string)
  default     = {}
}
