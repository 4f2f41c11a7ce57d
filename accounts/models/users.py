from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from core import clock
from core.models import Notification

if TYPE_CHECKING:
    from accounts.models.memberships import Membership


class UserManager(BaseUserManager["User"]):
    def create_user(self, login: str, password: str | None = None, **fields) -> "User":
        fields.setdefault("created_at", clock.now())
        user = self.model(login=self.normalise(login), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, login: str | None) -> "User":
        return self.get(login=self.normalise(login or ""))

    @staticmethod
    def normalise(login: str) -> str:
        return login.strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What the person may do comes from memberships, never from the account itself."""

    login = models.CharField("登录名", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=40)
    mobile = models.CharField("手机", max_length=20, blank=True)
    email = models.EmailField("邮箱", blank=True)
    wants_mail = models.BooleanField("接收邮件提醒", default=True)
    is_active = models.BooleanField("启用", default=True)
    # Not the portal's clock, which asks the database: Django's checks make a User before there are tables.
    created_at = models.DateTimeField("注册时间", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(is_superuser=False), name="no_superusers")]

    def __str__(self) -> str:
        return self.name

    def hats(self) -> list["Membership"]:
        """The memberships in force."""
        return self._present_and_past[0]

    def past_hats(self) -> list["Membership"]:
        """Those that have ended, the last one first."""
        return self._present_and_past[1]

    @cached_property
    def _present_and_past(self) -> tuple[list["Membership"], list["Membership"]]:
        """Loaded once for each fetched user, together: a refused request asks for both."""
        found = list(self.memberships.model.of_people().filter(user=self))
        for one in found:
            one.user = self
        present = [one for one in found if one.state != one.State.WITHDRAWN]
        past = [one for one in found if one.state == one.State.WITHDRAWN]
        return present, sorted(past, key=lambda one: one.state_since, reverse=True)

    def messages_from(self) -> datetime | None:
        """For who works nowhere any more: when the last service in an office ended."""
        if self.hats():
            return None
        left = self.memberships.filter(is_active=False, agency__isnull=False).order_by("-state_since").first()
        return left.state_since if left else None

    @cached_property
    def unread(self) -> int:
        """How many messages wait unread; the signed-in person is fetched with it."""
        return Notification.objects.of(self).unread().count()

    def signature(self) -> str:
        """Name and organisation, as an event keeps them."""
        organisations = dict.fromkeys(str(hat.organisation) for hat in self.hats() if hat.organisation)
        return f"{self.name}（{'、'.join(organisations)}）" if organisations else self.name
